"""`pkg_tar` as far as the test needs it: the sources as files of a tar, always the same bytes."""

def _impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".tar")
    ctx.actions.run_shell(
        mnemonic = "PackageTar",
        progress_message = "PackageTar %s" % ctx.label,
        inputs = ctx.files.srcs,
        outputs = [out],
        arguments = [out.path] + [file.path for file in ctx.files.srcs],
        command = "out=$1; shift; tar --create --dereference --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=0755 --transform='s,.*/,,' --file=\"$out\" \"$@\"",
    )
    return DefaultInfo(files = depset([out]))

pkg_tar = rule(implementation = _impl, attrs = {"srcs": attr.label_list(allow_files = True)})
