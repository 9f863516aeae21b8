"""HAND-MADE: stands for pkg_tar and the rules of rules_oci; each output holds what its inputs hold."""

def _concatenate(ctx, mnemonic, inputs, before = ""):
    out = ctx.actions.declare_file(ctx.label.name + ".out")
    ctx.actions.run_shell(
        mnemonic = mnemonic,
        inputs = inputs,
        outputs = [out],
        arguments = [out.path] + [one.path for one in inputs],
        command = "out=$1; shift; for one in \"$@\"; do " + before + "cat \"$one\"; echo; done > \"$out\"",
    )
    return out

def _pkg_tar_impl(ctx):
    # Without a prefix to strip, the real one puts each file at the top, under the last part of its name.
    name = "echo /$(basename \"$one\"):; "
    return [DefaultInfo(files = depset([_concatenate(ctx, "Tar", ctx.files.srcs, name)]))]

pkg_tar = rule(
    implementation = _pkg_tar_impl,
    attrs = {"srcs": attr.label_list(allow_files = True)},
)

def _oci_image_impl(ctx):
    return [DefaultInfo(files = depset([_concatenate(ctx, "Image", ctx.files.tars + ctx.files.labels)]))]

oci_image = rule(
    implementation = _oci_image_impl,
    attrs = {
        "architecture": attr.string(),
        "labels": attr.label(allow_single_file = True),
        "os": attr.string(),
        "tars": attr.label_list(allow_files = True),
    },
)

def _oci_load_impl(ctx):
    return [DefaultInfo(files = depset([_concatenate(ctx, "Load", ctx.files.image)]))]

oci_load = rule(
    implementation = _oci_load_impl,
    attrs = {"image": attr.label(), "repo_tags": attr.string_list()},
)

oci_tarball = oci_load

def _oci_push_impl(ctx):
    script = ctx.actions.declare_file(ctx.label.name + ".sh")
    ctx.actions.write(script, "cat {}\n".format(" ".join([tags.short_path for tags in ctx.files.remote_tags])), is_executable = True)
    runfiles = ctx.runfiles(ctx.files.image + ctx.files.remote_tags)
    return [DefaultInfo(executable = script, runfiles = runfiles)]

oci_push = rule(
    implementation = _oci_push_impl,
    executable = True,
    attrs = {
        "image": attr.label(mandatory = True),
        "remote_tags": attr.label(allow_single_file = [".txt"]),
        "repository": attr.string(mandatory = True),
    },
)
