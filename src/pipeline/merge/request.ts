import type { Diagnostic } from "../../diagnostics/index.ts";

/** A symbol that the region needs. */
export interface LoadNeed {
  readonly from: string;
  readonly symbol: string;
  /** The name it is bound to here, when an alias. */
  readonly local?: string;
  /** Other labels under which the same symbol is as good. */
  readonly alternatives: readonly string[];
}

/** What the region of a file should be. */
export interface WantedRegion {
  /** Formatted by buildifier, without borders, no blank lines at its ends, LF, never empty. */
  readonly body: string;
  /** The declaration files that it comes from, relative to the root. */
  readonly sources: readonly string[];
  readonly loads: readonly LoadNeed[];
  /** The names of its rules. */
  readonly names: readonly string[];
}

/** Everything that merging one file depends on. */
export interface MergeRequest {
  /** Path relative to the root; its folder is the package. */
  readonly file: string;
  /** Undefined when there is no such file. */
  readonly text: string | undefined;
  /** Undefined when no service belongs here (any more). */
  readonly wanted: WantedRegion | undefined;
  /** Labels from which we may have loaded a symbol; no other load is ever removed. */
  readonly emitted: ReadonlyMap<string, readonly string[]>;
  /** The names by which our rulesets call their rules here. */
  readonly kinds: ReadonlySet<string>;
  /** Reports whether a declaration file declares services of another package, and none of this one. */
  readonly isForeignSource: (source: string) => boolean;
}

/** The text that the file should have, and what happened to people's parts of the region. */
export interface MergeResult {
  /** Undefined: there should be no such file. With errors it is the text as it was. */
  readonly text: string | undefined;
  /** What was moved out of the region, in words. */
  readonly moved: readonly string[];
  /** Rules of ours that are gone, in words. */
  readonly removed: readonly string[];
  /** The file asks to be left alone, and was. */
  readonly ignored: boolean;
  readonly diagnostics: readonly Diagnostic[];
}
