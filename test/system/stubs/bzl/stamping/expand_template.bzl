"""HAND-MADE: stands for expand_template of bazel-lib, which Bazel 4.2.3 cannot load.

Builds as the real one does: unstamped, a substitution that no status file is an input of; stamped, a program that has
both status files as inputs.
"""

Stamp = provider(fields = ["value"])

def _stamp_flag_impl(ctx):
    return [Stamp(value = ctx.attr.value)]

stamp_flag = rule(implementation = _stamp_flag_impl, attrs = {"value": attr.bool()})

def _line(placeholder, value):
    """Shell that replaces a placeholder; of the value, only a key in braces is known."""
    if not value.startswith("{{"):
        return "text=$(printf %s \"$text\" | sed 's|{}|{}|g')".format(placeholder, value)
    key = value[2:-2]
    return "value=$(sed -n 's/^{key} //p' \"$2\" \"$3\" | head -n 1); text=$(printf %s \"$text\" | sed \"s|{placeholder}|$value|g\")".format(
        key = key,
        placeholder = placeholder,
    )

def _expand_template_impl(ctx):
    template = ctx.actions.declare_file(ctx.label.name + ".tmpl")
    ctx.actions.write(template, "\n".join(ctx.attr.template))
    if ctx.attr._stamp[Stamp].value:
        substitutions = dict(ctx.attr.substitutions)
        substitutions.update(ctx.attr.stamp_substitutions)
        lines = [_line(placeholder, value) for placeholder, value in substitutions.items()]
        ctx.actions.run_shell(
            mnemonic = "ExpandTemplate",
            inputs = [template, ctx.info_file, ctx.version_file],
            outputs = [ctx.outputs.out],
            arguments = [template.path, ctx.info_file.path, ctx.version_file.path, ctx.outputs.out.path],
            command = "\n".join(["text=$(cat \"$1\")"] + lines + ["printf %s \"$text\" > \"$4\""]),
        )
    else:
        ctx.actions.expand_template(
            template = template,
            output = ctx.outputs.out,
            substitutions = ctx.attr.substitutions,
        )
    return [DefaultInfo(files = depset([ctx.outputs.out]))]

expand_template = rule(
    implementation = _expand_template_impl,
    attrs = {
        "out": attr.output(mandatory = True),
        "stamp_substitutions": attr.string_dict(),
        "substitutions": attr.string_dict(),
        "template": attr.string_list(mandatory = True),
        "_stamp": attr.label(default = "//lib:stamp"),
    },
)
