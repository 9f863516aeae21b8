"""Repositories as oci_pull makes them, without a network."""

_CPUS = {
    "linux/386": "@platforms//cpu:i386",
    "linux/amd64": "@platforms//cpu:x86_64",
    "linux/arm/v7": "@platforms//cpu:armv7",
    "linux/arm64": "@platforms//cpu:arm64",
    "linux/arm64/v8": "@platforms//cpu:arm64",
    "linux/mips64le": "@platforms//cpu:mips64",
    "linux/ppc64le": "@platforms//cpu:ppc",
    "linux/s390x": "@platforms//cpu:s390x",
}

_LAYOUT = """\
load("@rules_oci//stub:layout.bzl", "oci_layout")

package(default_visibility = ["//visibility:public"])

oci_layout(name = "{name}")
"""

_ALIAS = """\
package(default_visibility = ["//visibility:public"])

alias(
    name = "{name}",
    actual = {actual},
)
"""

_DIGEST = """
filegroup(
    name = "digest",
    srcs = ["digest.txt"],
)
"""

def _repository_impl(rctx):
    if rctx.attr.actual:
        text = _ALIAS.format(name = rctx.attr.stub_name, actual = rctx.attr.actual)
    else:
        text = _LAYOUT.format(name = rctx.attr.stub_name)
    rctx.file("BUILD.bazel", text + _DIGEST)
    rctx.file("digest.txt", rctx.attr.digest)

_repository = repository_rule(
    implementation = _repository_impl,
    attrs = {"actual": attr.string(), "digest": attr.string(), "stub_name": attr.string(mandatory = True)},
)

def _check(args):
    if bool(args["registry"]) != bool(args["repository"]):
        fail("oci_pull: registry and repository go together")
    if bool(args["image"]) == bool(args["registry"]):
        fail("oci_pull: give either image or registry and repository")
    last = (args["image"] or "").split("/")[-1]
    if not args["digest"] and not args["tag"] and ":" not in last and "@" not in last:
        fail("oci_pull: neither digest nor tag")
    if args["digest"] and args["tag"] and args["reproducible"] == False:
        fail("oci_pull: digest and tag with reproducible = False")
    if args["platforms"] and not [one for one in args["platforms"] if one in _CPUS]:
        fail("oci_pull: none of the platforms is known")

def pull(args):
    """Makes NAME, and NAME_single or one repository for each platform.

    Args:
        args: the arguments of oci_pull as a dictionary
    """
    _check(args)
    name = args["name"]
    digest = args["digest"] or ""
    branches = {}
    for platform in args["platforms"] or []:
        part = "%s_%s" % (name, platform.replace("/", "_"))
        _repository(name = part, stub_name = part, digest = digest)
        if platform in _CPUS:
            branches[_CPUS[platform]] = "@%s//:%s" % (part, part)
    if not branches:
        single = name + "_single"
        _repository(name = single, stub_name = single, digest = digest)
        actual = "\"@%s//:%s\"" % (single, single)
    else:
        actual = "select(%r)" % branches
    _repository(name = name, stub_name = name, actual = actual, digest = digest)
