import type { PinnedBase } from "../model/index.ts";
import { printComment, printValue, type StarlarkArgument, type StarlarkValue, string } from "../starlark/index.ts";

/** The call that pulls a base; image, tag and digest stand as literals, where Renovate reads them. */
export function printPull(callee: string, base: PinnedBase, indent = ""): string {
  const { name, image, digest, tag, platforms } = base;
  const platformList: StarlarkValue = {
    kind: "list",
    items: platforms.map((platform) => ({ value: string(platform), comments: [] })),
  };
  const named: readonly (readonly [string, StarlarkValue])[] = [
    ["name", string(name)],
    ["digest", string(digest)],
    ["image", string(image)],
    ...(platforms.length > 0 ? [["platforms", platformList] as const] : []),
    ...(tag === undefined ? [] : [["tag", string(tag)] as const]),
  ];
  const args: readonly StarlarkArgument[] = [
    ...named.map(([key, value]) => ({ name: key, value, comments: [] })),
    ...base.attributes,
  ];
  const call = indent + printValue({ kind: "call", callee, args }, indent);
  return base.comment === undefined ? call : `${printComment(base.comment, indent)}\n${call}`;
}
