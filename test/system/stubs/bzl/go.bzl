"""HAND-MADE: the facts hold no go_library and no go_test. Attributes as in rules_go's reference for 0.50."""

load(":support.bzl", "mapping_impl", "script_impl")

_SOURCES = [".go", ".s", ".S", ".h", ".c", ".cc", ".cpp", ".cxx", ".hh", ".hpp", ".hxx", ".inc", ".m", ".mm", ".syso"]

_LIBRARY = {
    "cdeps": attr.label_list(),
    "cgo": attr.bool(),
    "clinkopts": attr.string_list(),
    "copts": attr.string_list(),
    "cppopts": attr.string_list(),
    "cxxopts": attr.string_list(),
    "data": attr.label_list(allow_files = True),
    "deps": attr.label_list(),
    "embed": attr.label_list(),
    "embedsrcs": attr.label_list(allow_files = True),
    "gc_goopts": attr.string_list(),
    "importmap": attr.string(),
    "importpath": attr.string(),
    "importpath_aliases": attr.string_list(),
    "srcs": attr.label_list(allow_files = _SOURCES),
    "x_defs": attr.string_dict(),
}

_TEST = {
    "env": attr.string_dict(),
    "env_inherit": attr.string_list(),
    "gc_linkopts": attr.string_list(),
    "goarch": attr.string(),
    "goos": attr.string(),
    "gotags": attr.string_list(),
    "linkmode": attr.string(),
    "msan": attr.string(),
    "pure": attr.string(),
    "race": attr.string(),
    "rundir": attr.string(),
    "static": attr.string(),
}

go_library = rule(implementation = mapping_impl, attrs = _LIBRARY)

go_test = rule(implementation = script_impl, attrs = dict(_LIBRARY, **_TEST), test = True)
