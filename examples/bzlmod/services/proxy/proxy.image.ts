import { defineService } from "gen-bazel-images";

export default defineService({
  name: "proxy",
  base: "nginx",
  layers: [{ name: "tar_proxy", srcs: ["Corefile"], packageDir: "/etc/coredns", preserveMode: true }],
  // An item with a comma: rules_oci 2 writes one item a line, 1.x refuses it.
  entrypoint: ["/usr/bin/proxy", "--upstreams=10.0.0.1,10.0.0.2"],
  user: "nginx",
  annotations: { "org.opencontainers.image.documentation": "https://example.com/proxy" },
});
