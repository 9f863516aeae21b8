/**
 * Decides what `push` does: which targets, by comparing the declarations with what Bazel has; whether this tree may push;
 * what a change reaches; where each target goes; and what is said at the end. Pure: answers of Bazel and git come in as
 * texts, queries and runs go out as data.
 */
export { outputsOf } from "./build-events.ts";
export { type ChangedFile, dependentsQuery, fileQuery, fileWithoutTarget, type Reach, reachOf } from "./changed.ts";
export { type DeclaredPush, declaredPushes, narrowPushes } from "./declared.ts";
export { type GitState, type GuardOptions, guardPush } from "./guard.ts";
export { failureOf, isRefusal, lastLines, type Outcome, type PushRow, rowOf } from "./outcome.ts";
export { type Built, type Push, planPushes } from "./plan.ts";
export { canonicalLabel, pushQuery, type QueriedRule, readRules } from "./query.ts";
export { type PushTarget, type Selection, selectTargets } from "./select.ts";
