// Finds the text in a data segment, so that a reader knows what it is.

const LEAST = 4;
const MOST = 60;

/** The longest run of printable characters, in ASCII or in AssemblyScript's UTF-16; null if there is none to speak of. */
export function preview(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes).toString("latin1");
  let best = "";
  for (const pattern of [/[ -~]+/g, /(?:[ -~]\0)+[ -~]?/g]) {
    for (const [run] of text.matchAll(pattern)) {
      const plain = run.replaceAll("\0", "");
      if (plain.length > best.length) best = plain;
    }
  }
  if (best.trim().length < LEAST) return null;
  return best.length > MOST ? `${best.slice(0, MOST)}…` : best;
}
