/** The program: builds the real shell, runs the command line and sets the exit code. Alone touches `process`. */
import { run } from "./commands/run.ts";

const issues = "please report it, with this text and what you ran: the package's repository, issues";

// A reader that has seen enough (`| head`) is no failure of ours.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code !== "EPIPE") throw error;
});

async function main(): Promise<void> {
  try {
    process.exitCode = await run(process.argv.slice(2), {
      cwd: process.cwd(),
      env: process.env,
      out: (text) => void process.stdout.write(text),
      err: (text) => void process.stderr.write(text),
      isTerminal: process.stdout.isTTY === true && process.env["NO_COLOR"] === undefined,
    });
  } catch (error) {
    // By name: each text of the built package has a class of its own.
    const isInternal = error instanceof Error && error.name === "InternalError";
    const detail = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(
      `${isInternal ? "" : "unexpected: "}${detail}\nThis is a bug of gen-bazel-images; ${issues}\n`,
    );
    process.exitCode = 4;
  }
}

void main();
