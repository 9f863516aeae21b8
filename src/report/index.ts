/** Changes and diagnostics in, text out: for people, as JSON, or as annotations of GitHub Actions. Writes nothing. */
export { printDiagnosticsGithub } from "./github.ts";
export { printReportJson, type Report, reportOf } from "./json.ts";
export { hintOf, messageOf } from "./message.ts";
export { type PushReport, printPushJson, printPushTable } from "./push.ts";
export { printStamping, type StampingReport } from "./stamping.ts";
export { type Colours, colours, printChanges, printDiagnostics, printSummary } from "./text.ts";
