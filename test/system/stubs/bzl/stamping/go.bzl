"""HAND-MADE: stands for go_binary and go_cross_binary of rules_go; files are named as the real rules name them."""

def _go_binary_impl(ctx):
    out = ctx.actions.declare_file("{0}_/{0}".format(ctx.label.name))
    ctx.actions.write(out, "program of {}".format(ctx.label.name), is_executable = True)
    return [DefaultInfo(files = depset([out]), executable = out)]

go_binary = rule(
    implementation = _go_binary_impl,
    executable = True,
    attrs = {"srcs": attr.label_list(allow_files = [".go"])},
)

def _go_cross_binary_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.name)
    ctx.actions.symlink(output = out, target_file = ctx.executable.target, is_executable = True)
    return [DefaultInfo(files = depset([out]), executable = out)]

go_cross_binary = rule(
    implementation = _go_cross_binary_impl,
    executable = True,
    attrs = {
        "platform": attr.label(),
        "target": attr.label(mandatory = True, executable = True, cfg = "target"),
    },
)
