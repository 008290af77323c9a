// Scripts: what the probe does in which callback, and the context that a script belongs to.

/** Sections by callback name; each is a list of instructions, an instruction a list of words. */
export class Program {
  readonly sections: Map<string, string[]> = new Map();

  /** `callback:word word;word word|callback:...`, bytes that are not plain as %XX. */
  constructor(text: string) {
    const parts = text.split("|");
    for (let i = 0; i < parts.length; i++) {
      const split = parts[i].indexOf(":");
      if (split > 0)
        this.sections.set(parts[i].substring(0, split), parts[i].substring(split + 1).split(";"));
    }
  }
}

/** A root or stream context. */
export class Context {
  program: Program = new Program("");
  readonly counts: Map<string, i32> = new Map();

  constructor(
    readonly id: u32,
    readonly rootId: u32,
  ) {}

  /** How often the callback has been called, this time included. */
  count(callback: string): i32 {
    const count = (this.counts.has(callback) ? this.counts.get(callback) : 0) + 1;
    this.counts.set(callback, count);
    return count;
  }
}

function digit(char: i32): i32 {
  return char <= 57 ? char - 48 : char - 87;
}

/** Words of an instruction. */
export function wordsOf(instruction: string): string[] {
  const words = instruction.split(" ");
  for (let i = 0; i < words.length; i++) {
    if (words[i] == "~") words[i] = "";
    if (words[i].indexOf("%") < 0) continue;
    let word = "";
    for (let at = 0; at < words[i].length; at++) {
      const char = words[i].charCodeAt(at);
      if (char != 37) {
        word += String.fromCharCode(char);
        continue;
      }
      word += String.fromCharCode(
        digit(words[i].charCodeAt(at + 1)) * 16 + digit(words[i].charCodeAt(at + 2)),
      );
      at += 2;
    }
    words[i] = word;
  }
  return words;
}
