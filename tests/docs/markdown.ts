// Reads the fenced blocks and the links of a Markdown page.

/** A fenced block. Its info string is a language and, after it, words that say what the block is. */
export interface Block {
  readonly language: string;
  /** What follows the language, such as a file's path. */
  readonly words: readonly string[];
  readonly text: string;
  /** Number of its first line of text. */
  readonly line: number;
}

/** All fenced blocks, in order. Throws if the last one has no end. */
export function blocks(page: string): Block[] {
  const found: Block[] = [];
  const lines = page.split("\n");
  for (let at = 0; at < lines.length; at++) {
    const info = /^```(.*)$/.exec(lines[at] ?? "")?.[1];
    if (info === undefined) continue;
    const end = lines.indexOf("```", at + 1);
    if (end < 0) throw new Error(`The block that begins in line ${at + 1} has no end.`);
    const [language = "", ...words] = info.split(" ");
    found.push({ language, words, text: lines.slice(at + 1, end).join("\n") + "\n", line: at + 2 });
    at = end;
  }
  return found;
}

/** The page without its fenced blocks. */
export function prose(page: string): string {
  return page.replace(/^```[^]*?^```$/gm, "");
}

/** Targets of all links of a page's prose. */
export function links(page: string): string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target ?? "");
}

/** The fragments that links into this page may have, one per heading, made as GitHub makes them. */
export function anchors(page: string): string[] {
  return [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .trim()
      .replaceAll(" ", "-"),
  );
}

/**
 * Why a text is not the one shown, or undefined if it is. In what is shown, `...` as a line stands for any number of
 * lines, and inside a line for any characters.
 */
export function difference(shown: string, actual: string): string | undefined {
  const pattern = shown
    .trimEnd()
    .split("\n")
    .map((line) =>
      line.trim() === "..."
        ? "(?:[^\\n]*\\n)*?"
        : line
            .trimEnd()
            .split("...")
            .map((part) => part.replace(/[\\^$.*+?()[\]{}|]/g, "\\$&"))
            .join("[^\\n]*?") + "[ ]*\\n",
    )
    .join("");
  const text = actual.replaceAll("\r", "").trimEnd() + "\n";
  return new RegExp(`^${pattern}$`).test(text) ? undefined : `The page shows\n${shown}\nbut it was\n${text}`;
}
