"""This repository's own macros: `loads` in bazel-images.config.ts puts them in the place of the rulesets' rules."""

load("@container_structure_test//:defs.bzl", "container_structure_test")

def image_structure_test(name, **kwargs):
    """A structure test, small unless it says otherwise.

    Args:
      name: name of the test
      **kwargs: what container_structure_test takes
    """
    if "size" not in kwargs and "timeout" not in kwargs:
        kwargs["size"] = "small"
    container_structure_test(name = name, **kwargs)

def readable(paths, by = "other"):
    """Modes that let nobody write.

    Args:
      paths: paths in the layer
      by: who may read them, "group" or "other"

    Returns:
      what `modes` of pkg_tar takes
    """
    mode = {"group": "0440", "other": "0444"}[by]
    return {path: mode for path in paths}
