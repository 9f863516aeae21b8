"""Small rules with the names and attributes of rules_oci that really build an OCI layout and really push it, with skopeo.

`oci_push` is the macro of rules_oci: a list of tags becomes a file. Its script takes the arguments of push.sh.tpl.
"""

load(":push.bzl", oci_push_rule = "oci_push")

def _oci_image_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    labels = [ctx.file.labels] if ctx.file.labels else []
    ctx.actions.run_shell(
        mnemonic = "OciImage",
        progress_message = "OciImage %s" % ctx.label,
        inputs = ctx.files.tars + labels,
        tools = [ctx.file._layout],
        outputs = [out],
        arguments = [out.path, labels[0].path if labels else "", ",".join(ctx.attr.entrypoint)] + [tar.path for tar in ctx.files.tars],
        command = "bash %s \"$@\"" % ctx.file._layout.path,
    )
    return DefaultInfo(files = depset([out]))

_oci_image = rule(
    implementation = _oci_image_impl,
    attrs = {
        "architecture": attr.string(),
        "entrypoint": attr.string_list(),
        "labels": attr.label(allow_single_file = True),
        "os": attr.string(),
        "tars": attr.label_list(allow_files = True),
        "_layout": attr.label(default = "//oci:layout.sh", allow_single_file = True),
    },
)

def _digest_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.image.label.name + ".json.sha256")
    ctx.actions.run_shell(
        inputs = ctx.files.image,
        outputs = [out],
        command = "grep -o 'sha256:[0-9a-f]*' '%s/index.json' > '%s'" % (ctx.files.image[0].path, out.path),
    )
    return DefaultInfo(files = depset([out]))

_digest = rule(implementation = _digest_impl, attrs = {"image": attr.label()})

def oci_image(name, digest = True, **kwargs):
    _oci_image(name = name, **kwargs)
    if digest:
        _digest(name = name + ".digest", image = name)

def _write_impl(ctx):
    out = ctx.actions.declare_file(ctx.attr.out)
    ctx.actions.write(out, "\n".join(ctx.attr.content) + "\n")
    return DefaultInfo(files = depset([out]))

_write = rule(implementation = _write_impl, attrs = {"content": attr.string_list(), "out": attr.string()})

def _stamped_impl(ctx):
    out = ctx.outputs.out
    inputs = [ctx.info_file, ctx.version_file] if ctx.attr.is_stamping else []
    ctx.actions.run_shell(
        mnemonic = "Stamp",
        progress_message = "Stamp %s" % ctx.label,
        inputs = inputs + [ctx.file._stamp],
        outputs = [out],
        arguments = [out.path, "\n".join(ctx.attr.template)] + ["%s=%s" % pair for pair in (ctx.attr.stamp_substitutions if ctx.attr.is_stamping else ctx.attr.substitutions).items()] + ["--"] + [status.path for status in inputs],
        command = "bash %s \"$@\"" % ctx.file._stamp.path,
    )
    return DefaultInfo(files = depset([out]))

_stamped = rule(
    implementation = _stamped_impl,
    attrs = {
        "is_stamping": attr.bool(),
        "out": attr.output(),
        "stamp_substitutions": attr.string_dict(),
        "substitutions": attr.string_dict(),
        "template": attr.string_list(),
        "_stamp": attr.label(default = "//oci:stamp.sh", allow_single_file = True),
    },
)

def expand_template(name, out, template, stamp_substitutions, substitutions = {}):
    """As that of bazel_lib, for a template given as a list: with --stamp the values come from the status files."""
    _stamped(
        name = name,
        is_stamping = select({"@rules_oci//oci:is_stamping": True, "//conditions:default": False}),
        out = out,
        stamp_substitutions = stamp_substitutions,
        substitutions = substitutions,
        template = template,
    )

def oci_push(name, remote_tags = None, **kwargs):
    if type(remote_tags) == "list":
        _write(name = name + "_write_tags", out = name + ".tags.txt", content = remote_tags)
        remote_tags = name + "_write_tags"
    oci_push_rule(name = name, remote_tags = remote_tags, **kwargs)
