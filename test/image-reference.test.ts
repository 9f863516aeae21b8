import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  imageName,
  isDigest,
  isPlatform,
  isTag,
  mirrored,
  parseImageReference,
  printImageReference,
} from "../src/model/image-reference.ts";

const digest = `sha256:${"0a".repeat(32)}`;

function printed(text: string): string {
  const reference = parseImageReference(text);
  return "problem" in reference ? `problem: ${reference.problem}` : printImageReference(reference);
}

describe("parseImageReference", () => {
  it.each([
    ["node", "index.docker.io/library/node"],
    ["node:20", "index.docker.io/library/node:20"],
    [`node@${digest}`, `index.docker.io/library/node@${digest}`],
    ["docker.io/node", "index.docker.io/library/node"],
    ["docker.io/library/node", "index.docker.io/library/node"],
    ["registry-1.docker.io/library/node", "index.docker.io/library/node"],
    ["index.docker.io/node", "index.docker.io/library/node"],
    ["myorg/app", "index.docker.io/myorg/app"],
    ["docker.io/myorg/app:1.2", "index.docker.io/myorg/app:1.2"],
    ["library/node", "index.docker.io/library/node"],
    [`ghcr.io/x/y:tag@${digest}`, `ghcr.io/x/y:tag@${digest}`],
    ["ghcr.io/x", "ghcr.io/x"],
    ["localhost/x", "localhost/x"],
    ["localhost:5000/x", "localhost:5000/x"],
    ["localhost:5000/x:1", "localhost:5000/x:1"],
    ["127.0.0.1:5000/a/b/c", "127.0.0.1:5000/a/b/c"],
    ["[::1]:5000/x", "[::1]:5000/x"],
    ["[fd00::1]/x/y:1", "[fd00::1]/x/y:1"],
    ["gcr.io/distroless/static-debian12", "gcr.io/distroless/static-debian12"],
    ["public.ecr.aws/docker/library/a__b.c---d", "public.ecr.aws/docker/library/a__b.c---d"],
    ["https://ghcr.io/x/y", "ghcr.io/x/y"],
    ["http://registry.corp/x/y:1", "http://registry.corp/x/y:1"],
    ["http://intern/x", "http://intern/x"],
  ])("reads %s as %s", (text, expected) => {
    expect(printed(text)).toBe(expected);
  });

  it.each([
    ["", "it is empty"],
    ["ghcr.io/", "it names no repository"],
    ["docker.io/", "it names no repository"],
    ["a b", "it has a space in it"],
    ["ghcr.io/Team/app", "repositories are in lower case"],
    ["NODE", "repositories are in lower case"],
    ["ghcr.io/a//b", "it has an empty part between slashes"],
    ["ghcr.io/a/", "it has an empty part between slashes"],
    ["ghcr.io/a/-b", '"-b" cannot be a part of a repository'],
    ["ghcr.io/a/..", '".." cannot be a part of a repository'],
    ["ghcr.io/a:-b", '"-b" is not a tag'],
    ["node:", '"" is not a tag'],
    ["node@sha256:12", '"sha256:12" is not a digest (sha256: and 64 hexadecimal digits, in lower case)'],
    [
      `node@${digest.toUpperCase()}`,
      `"${digest.toUpperCase()}" is not a digest (sha256: and 64 hexadecimal digits, in lower case)`,
    ],
    ["localhost:99999/x", "99999 is not a port"],
    ["-bad.io/x", '"-bad.io" is not the name of a registry'],
    ["oci://ghcr.io/x", "it takes no scheme oci://"],
    [`ghcr.io/${"a".repeat(256)}`, "its repository is longer than 255 characters"],
  ])("refuses %j: %s", (text, problem) => {
    expect(parseImageReference(text)).toEqual({ problem });
  });

  it("never throws, and reads what it prints as the same", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[a-z.:/@[\]-]{1,20}$/)), (text) => {
        const reference = parseImageReference(text);
        if ("problem" in reference) return;
        expect(parseImageReference(printImageReference(reference))).toEqual(reference);
      }),
    );
  });
});

describe("parts of references", () => {
  it("knows digests, tags and platforms", () => {
    expect([digest, digest.slice(0, -1), `${digest}a`, "sha512:00", "latest"].map(isDigest)).toEqual([
      true,
      false,
      false,
      false,
      false,
    ]);
    expect(["latest", "1.2-x_y", "_", "", ".a", "-a", "a/b", "a".repeat(129)].map(isTag)).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
    expect(
      ["linux/amd64", "linux/arm64/v8", "linux", "linux/arm64/", "linux/arm/v7/x", "Linux/amd64", ""].map(isPlatform),
    ).toEqual([true, true, false, false, false, false, false]);
  });

  it("prints the name without tag and digest", () => {
    expect(imageName({ registry: "ghcr.io", repository: "x/y", tag: "1", digest })).toBe("ghcr.io/x/y");
  });
});

describe("mirrored", () => {
  const node = { registry: "index.docker.io", repository: "library/node", tag: "20", digest };

  it.each([
    [{}, "index.docker.io/library/node"],
    [{ "docker.io": "mirror.corp/hub" }, "mirror.corp/hub/library/node"],
    [{ "index.docker.io/": "mirror.corp/" }, "mirror.corp/library/node"],
    [{ "docker.io": "a.corp", "docker.io/library": "b.corp/official" }, "b.corp/official/node"],
    [{ "index.docker.io/library/node": "c.corp/node-lts" }, "c.corp/node-lts"],
    [{ "index.docker.io/lib": "a.corp" }, "index.docker.io/library/node"],
    [{ "docker.io": "http://mirror.corp:5000" }, "http://mirror.corp:5000/library/node"],
    [{ "ghcr.io": "mirror.corp" }, "index.docker.io/library/node"],
  ])("with %j gives %s", (mirrors, expected) => {
    const result = mirrored(node, mirrors as Record<string, string>);
    expect(imageName(result)).toBe(expected);
    expect(result).toMatchObject({ tag: "20", digest });
  });
});
