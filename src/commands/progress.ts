// How far something has come, on one line of a terminal; nothing where nobody watches.
import type { CommandIo } from "./io.ts";

const ERASE_LINE = "\r\x1b[K";

/** One line that is written over and over. */
export class Progress {
  readonly #io: CommandIo;
  #shown = "";

  constructor(io: CommandIo) {
    this.#io = io;
  }

  /** Shows how much of something is done. */
  show(what: string, done: number, total: number): void {
    if (!this.#io.isTTY) return;
    const percent = total === 0 ? 100 : Math.floor((done / total) * 100);
    const line = `${what}: ${percent} % of ${readable(total)}`;
    if (line === this.#shown) return;
    this.#shown = line;
    this.#io.stderr.write(`${ERASE_LINE}${line}`);
  }

  /** A line that stays. */
  note(line: string): void {
    if (!this.#io.isTTY) return;
    this.end();
    this.#io.stderr.write(`${line}\n`);
  }

  /** Takes the line away. */
  end(): void {
    if (this.#shown !== "") this.#io.stderr.write(ERASE_LINE);
    this.#shown = "";
  }
}

function readable(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1_000_000 ? `${(bytes / 1000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}
