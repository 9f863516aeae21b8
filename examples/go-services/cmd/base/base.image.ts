import { defineService } from "gen-bazel-images";

/** What the other images stand on: this repo's users and folders on top of Wolfi. */
export default defineService({
  name: "base",
  base: "wolfi_base",
  layers: [
    {
      name: "tar_etc",
      comment: "Files go to /etc, the profile under the name that login shells look for.",
      srcs: ["etc/nsswitch.conf", "etc/profile"],
      // The first prefix that fits wins, so the order comes out as it stands here.
      remapPaths: { "/profile": "/etc/profile.d/sourcegraph.sh", "/": "/etc/" },
      mode: "0644",
      modes: { "etc/profile.d/sourcegraph.sh": "0755" },
      owner: "0.0",
    },
    {
      name: "tar_folders",
      emptyDirs: ["/data", "/var/log/sourcegraph"],
      emptyFiles: ["/etc/sourcegraph-release"],
      symlinks: { "/usr/local/bin/sh": "/bin/sh", "/logs": "/var/log/sourcegraph" },
      owner: "100.101",
      ownername: "sourcegraph.sourcegraph",
    },
  ],
  image: { visibility: ["//cmd:__subpackages__"] },
});
