// Runs other programs: compilers, package managers.
import { spawn } from "node:child_process";

export interface CommandOptions {
  readonly cwd: string;
  /** In addition to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

// Enough to compile a standard library on a slow machine, and to notice a registry that never answers.
const TIMEOUT_MS = 600_000;

/** Runs a program and resolves with its standard output. Rejects with an Error whose message is one line. */
export function command(program: string, args: readonly string[], options: CommandOptions): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      cwd: options.cwd,
      env: { ...process.env, ...options.env },
      stdio: ["ignore", "pipe", "pipe"],
    });
    // Not spawn's own timeout: it goes on, and keeps the process alive, where there is no such program.
    const timer = setTimeout(() => child.kill(), TIMEOUT_MS);
    const output = { stdout: "", stderr: "" };
    child.stdout.on("data", (chunk: Buffer) => (output.stdout += chunk.toString()));
    child.stderr.on("data", (chunk: Buffer) => (output.stderr += chunk.toString()));
    child.on("error", (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      reject(error.code === "ENOENT" ? new Error(`${program} is not installed`) : error);
    });
    child.on("close", (code, signal) => {
      clearTimeout(timer);
      if (code === 0) return resolve(output.stdout);
      const how = signal === null ? `exit code ${code}` : `signal ${signal}`;
      const said = telling(output.stderr) ?? telling(output.stdout);
      const what = [program, ...args].join(" ");
      reject(new Error(`\`${what}\` failed with ${how}${said === undefined ? "" : `: ${said}`}`));
    });
  });
}

/** The first line that speaks of an error, or else the last line. */
function telling(text: string): string | undefined {
  const lines = text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
  return lines.find((line) => /\berror\b/i.test(line)) ?? lines.at(-1);
}
