import { goService } from "../../dev/go-service.ts";

export default goService("searcher", {
  env: { CACHE_DIR: "/data/cache" },
  test: {
    metadataTest: {
      envVars: [{ key: "CACHE_DIR", value: "/data/cache" }],
      entrypoint: ["/sbin/tini", "--", "/searcher"],
      user: "sourcegraph",
    },
  },
});
