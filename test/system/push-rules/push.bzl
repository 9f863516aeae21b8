"""The rule behind the macro `oci_push`; in a file of its own, so that queries see its kind as with the real one."""

def _oci_push_impl(ctx):
    script = ctx.actions.declare_file("push_%s.sh" % ctx.label.name)
    tags = [ctx.file.remote_tags] if ctx.file.remote_tags else []
    repository_file = [ctx.file.repository_file] if ctx.file.repository_file else []
    ctx.actions.expand_template(
        template = ctx.file._template,
        output = script,
        is_executable = True,
        substitutions = {
            "{{fixed_args}}": "\"--repository\" \"%s\"" % ctx.attr.repository if ctx.attr.repository else "",
            "{{image_dir}}": ctx.file.image.short_path,
            "{{repository_file}}": repository_file[0].short_path if repository_file else "",
            "{{tags}}": tags[0].short_path if tags else "",
        },
    )
    return DefaultInfo(executable = script, runfiles = ctx.runfiles(files = [ctx.file.image] + tags + repository_file))

oci_push = rule(
    implementation = _oci_push_impl,
    attrs = {
        "image": attr.label(allow_single_file = True, mandatory = True),
        "remote_tags": attr.label(allow_single_file = True),
        "repository": attr.string(),
        "repository_file": attr.label(allow_single_file = True),
        "_template": attr.label(default = "//oci:push.sh.tpl", allow_single_file = True),
    },
    executable = True,
)
