// A terminal of a reader: runs shell commands in a folder, and keeps what they print.
import { spawn, type ChildProcess } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

/** One command that goes on running, such as a server. */
export class Terminal {
  readonly #child: ChildProcess;
  readonly #gone: Promise<number>;
  #output = "";

  constructor(script: string, cwd: string, env: NodeJS.ProcessEnv) {
    // A process group of its own, so that all that the command starts ends with it.
    this.#child = spawn("sh", ["-ec", script], {
      cwd,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => (this.#output += text));
    }
    this.#gone = new Promise((resolve, reject) => {
      this.#child.once("error", reject);
      this.#child.once("close", (code) => resolve(code ?? -1));
    });
    this.#gone.catch(() => {});
  }

  /** All that was printed so far. */
  get output(): string {
    return this.#output;
  }

  /** The exit code; the command is interrupted, and -1 the answer, if it takes longer. */
  async exit(timeoutMs: number): Promise<number> {
    const controller = new AbortController();
    const late = sleep(timeoutMs, undefined, { signal: controller.signal }).then(
      () => this.stop(),
      () => {},
    );
    try {
      return await this.#gone;
    } finally {
      controller.abort();
      await late;
    }
  }

  /** Waits until a condition on the output holds, the command ends, or time is up; then the condition's last answer. */
  async until<T>(condition: (output: string) => T | undefined, timeoutMs: number): Promise<T | undefined> {
    const end = Date.now() + timeoutMs;
    for (;;) {
      const over = Date.now() >= end || this.#child.exitCode !== null;
      const answer = condition(this.#output);
      if (answer !== undefined || over) return answer;
      await sleep(20);
    }
  }

  /** Ctrl+C, and more if that does not help. */
  async stop(): Promise<void> {
    const { pid } = this.#child;
    if (pid === undefined || this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const signal = (name: NodeJS.Signals): void => {
      try {
        process.kill(-pid, name);
      } catch {
        // It was gone already.
      }
    };
    signal("SIGTERM");
    const late = setTimeout(() => signal("SIGKILL"), 5000);
    await this.#gone.catch(() => {});
    clearTimeout(late);
  }
}
