"""What all stubs stand on: implementations with sensible outputs, helper targets, and checks at loading."""

def _touch(ctx, file):
    ctx.actions.write(file, "", is_executable = True)
    return file

def _program(ctx):
    return _touch(ctx, ctx.actions.declare_file(ctx.label.name + ".sh"))

def layout_impl(ctx):
    """One directory, the OCI layout."""
    folder = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run_shell(outputs = [folder], command = "mkdir -p " + folder.path)
    return [DefaultInfo(files = depset([folder]))]

def tarball_impl(ctx):
    """A program that loads, and the tarball as the default output."""
    tar = _touch(ctx, ctx.actions.declare_file(ctx.label.name + "/tarball.tar"))
    return [DefaultInfo(files = depset([tar]), executable = _program(ctx), runfiles = ctx.runfiles([tar]))]

def load_impl(ctx):
    """A program that loads; the tarball only when its output group is asked for."""
    tar = _touch(ctx, ctx.actions.declare_file(ctx.label.name + "/tarball.tar"))
    return [DefaultInfo(executable = _program(ctx)), OutputGroupInfo(tarball = depset([tar]))]

def script_impl(ctx):
    """A program."""
    return [DefaultInfo(executable = _program(ctx))]

def file_impl(ctx):
    """One file, under the name that the target gives."""
    out = ctx.outputs.out or ctx.actions.declare_file(ctx.label.name)
    return [DefaultInfo(files = depset([_touch(ctx, out)]))]

def mapping_impl(_ctx):
    """Nothing on disk, as for the mappings of rules_pkg."""
    return [DefaultInfo()]

def _helper_impl(ctx):
    return [DefaultInfo(files = depset([_touch(ctx, out) for out in ctx.outputs.outs]))]

def helper_rule():
    """A rule for what macros make beside the target."""
    return rule(
        implementation = _helper_impl,
        attrs = {
            "content": attr.string_list(),
            "outs": attr.output_list(),
            "srcs": attr.label_list(allow_files = True),
        },
    )

_FORWARDED = [
    "compatible_with",
    "deprecation",
    "exec_compatible_with",
    "exec_properties",
    "features",
    "restricted_to",
    "tags",
    "target_compatible_with",
    "testonly",
    "toolchains",
    "visibility",
]

def forwarded_attributes(kwargs, manual):
    """The common attributes which helper targets get too."""
    forwarded = {name: kwargs[name] for name in _FORWARDED if name in kwargs}
    if manual:
        forwarded["tags"] = ["manual"] + [tag for tag in forwarded.get("tags", []) if tag.startswith("no-")]
    return forwarded

def refuse_select(attribute, value):
    """Fails when a macro that looks into the value is given a select()."""
    if type(value) == "select":
        fail("%s is read by the macro at loading, so it cannot be a select()" % attribute)

def refuse_selects(values):
    """Fails when any of the values is a select()."""
    for attribute, value in values.items():
        refuse_select(attribute, value)

def dict_lines(attribute, value):
    """KEY=VALUE lines of a dictionary of strings."""
    for key, item in value.items():
        if type(key) != "string" or type(item) != "string":
            fail("%s: %r: %r is not a pair of strings" % (attribute, key, item))
    return ["%s=%s" % (key, item) for key, item in value.items()]

def list_lines(attribute, value):
    """Lines of a list of strings."""
    for item in value:
        if type(item) != "string":
            fail("%s: %r is not a string" % (attribute, item))
    return value

_TYPES = {
    "bool": ["bool"],
    "int": ["int"],
    "label": ["string", "Label"],
    "repo_name": ["string"],
    "string": ["string"],
    "string_dict": ["dict"],
    "string_list": ["list"],
}

def check_type(function, attribute, value, wanted, mandatory):
    """Fails when an argument of a macro or function has the wrong type."""
    if value == None and not mandatory:
        return
    if type(value) not in _TYPES[wanted]:
        fail("%s: %s is a %s, not a %s" % (function, attribute, type(value), wanted))
    items = value if wanted == "string_list" else value.keys() + value.values() if wanted == "string_dict" else []
    for item in items:
        if type(item) != "string":
            fail("%s: %s holds a %s, not strings only" % (function, attribute, type(item)))
