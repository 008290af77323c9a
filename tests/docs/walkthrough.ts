// Follows a page to the letter: writes the files it shows, runs its commands, compares what they print.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { type Block, blocks, difference } from "./markdown.ts";
import { Terminal } from "./terminal.ts";

// How pages are written:
//   ```ts assembly/index.ts   a file with this content (any language with a path)
//   ```sh                     commands, run to their end
//   ```sh terminal=NAME       a command that goes on running in a terminal; it ends what ran there before
//   ```text                   all that the commands before it print
//   ```text terminal=NAME     all that the terminal prints, awaited
// A block without a path, or with the word `later`, is only read.

/** A reader's machine. */
export interface Reader {
  /** The folder in which to begin. */
  folder: string;
  env: NodeJS.ProcessEnv;
  /** What differs from the page, in files, commands and outputs alike: each text, and what stands there instead. */
  replacements: readonly (readonly [string, string])[];
}

const COMMAND_TIMEOUT_MS = 120_000;
const OUTPUT_TIMEOUT_MS = 60_000;

/** Follows a page from its first block to its last. Rejects with page, line and reason at the first difference. */
export async function follow(page: string, text: string, reader: Reader): Promise<void> {
  const terminals = new Map<string, Terminal>();
  let folder = reader.folder;
  let printed: string | undefined;
  const adapt = (text: string): string =>
    reader.replacements.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  const start = (script: string): Terminal => new Terminal(adapt(script), folder, reader.env);

  const step = async ({ language, words, text }: Block): Promise<string | undefined> => {
    const name = words.find((word) => word.startsWith("terminal="));
    if (language === "sh" && name !== undefined) {
      await terminals.get(name)?.stop();
      terminals.set(name, start(`exec ${text}`));
    } else if (language === "sh") {
      const where = join(reader.folder, ".folder");
      const terminal = start(`${text}pwd > '${where}'`);
      const code = await terminal.exit(COMMAND_TIMEOUT_MS);
      printed = terminal.output;
      if (code !== 0) return `exit code ${code} after\n${text}${printed}`;
      folder = readFileSync(where, "utf8").trim();
    } else if (language === "text" && name !== undefined) {
      const terminal = terminals.get(name);
      if (terminal === undefined) return `nothing runs in ${name}`;
      const same = await terminal.until(
        (output) => (difference(adapt(text), output) === undefined ? true : undefined),
        OUTPUT_TIMEOUT_MS,
      );
      if (!same) return difference(adapt(text), terminal.output) ?? "it came too late";
    } else if (language === "text") {
      if (printed === undefined) return "no command stands before it";
      return difference(adapt(text), printed);
    } else if (words[0] !== undefined && words[0] !== "later") {
      const path = join(folder, words[0]);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, adapt(text));
    }
    return undefined;
  };

  try {
    for (const block of blocks(text)) {
      const problem = block.words.includes("later") ? undefined : await step(block);
      if (problem !== undefined) throw new Error(`${page}:${block.line}: ${problem}`);
    }
  } finally {
    for (const terminal of terminals.values()) await terminal.stop();
  }
}
