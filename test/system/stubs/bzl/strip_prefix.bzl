"""HAND-MADE: the struct and the constant of mappings.bzl, which the facts name only in passing."""

REMOVE_BASE_DIRECTORY = "\0"

def _files_only():
    return ""

def _from_pkg(path = ""):
    return path or "."

def _from_root(path = ""):
    return "/" + path

strip_prefix = struct(files_only = _files_only, from_pkg = _from_pkg, from_root = _from_root)
