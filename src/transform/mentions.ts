// What the text of a source may ask of the library. Generous: a wrong yes costs some bytes, a wrong no would break it.

export const REGISTRATION = /\bregister(?:Http|Tcp|Root)Context\b/;

/** Anything that may have to do with the tick of a root. */
export const TICK = /tick|timer|setInterval|setTimeout/i;

/** Whether a source may ask for a whole body with the headers held: a call with more than one argument, or no call. */
export function mayHoldHeaders(text: string): boolean {
  return /buffer(?:Request|Response)Body\b(?!\s*\([^,()]*(?:\([^,()]*\)[^,()]*)*\))/.test(text);
}

/**
 * Whether a source may register under a root id. By its text, and generously: any mention of a registration that is
 * neither in an import list nor a call without arguments counts, since a wrong yes costs only some bytes.
 */
export function mayNameRootId(text: string): boolean {
  if (/\*\s*as\b/.test(text) && text.includes("proxy-wasm-as")) return true;
  for (const match of text.matchAll(new RegExp(REGISTRATION, "g"))) {
    const rest = afterTypeArguments(text.slice(match.index + match[0].length).trimStart());
    if (!/^(?:\(\s*\)|,|\})/.test(rest)) return true;
  }
  return false;
}

/** What follows `<...>`; the text itself if it does not begin so. */
function afterTypeArguments(text: string): string {
  if (!text.startsWith("<")) return text;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    if (text[at] === "<") depth++;
    else if (text[at] === ">" && --depth === 0) return text.slice(at + 1).trimStart();
  }
  return text;
}
