// Finds the line of the sources that declares an imported function.
import { readFileSync } from "node:fs";

/** `path:line` of the declaration; null if none is found. */
export function declarationOf(name: string, paths: readonly string[]): string | null {
  const escaped = name.replace(/[$]/g, "\\$&");
  // Under its own name, or under another one that @external gives it.
  const pattern = new RegExp(`\\bdeclare\\s+function\\s+${escaped}\\b|@external\\([^)]*["']${escaped}["']`);
  for (const path of paths) {
    let text: string;
    try {
      text = readFileSync(path, "utf8");
    } catch {
      continue; // The compiler looked for it in vain.
    }
    const at = text.search(pattern);
    if (at >= 0) return `${path}:${text.slice(0, at).split("\n").length}`;
  }
  return null;
}
