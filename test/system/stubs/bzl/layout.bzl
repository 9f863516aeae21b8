"""The directory that a pulled image is."""

load(":support.bzl", "layout_impl")

oci_layout = rule(implementation = layout_impl)
