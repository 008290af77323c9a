// Tells the guest library what a module makes no use of, so that asc never compiles the code for it.
import * as asc from "assemblyscript";
import type { Program } from "assemblyscript";
import { clientSources, derivesFrom, sdkFile, type Contexts } from "./sdk.ts";

/** The constants of assembly/features.ts. Each is true unless a build shows that it can be false. */
export type Feature = "CALLOUTS" | "HOLDS" | "ROOT_IDS" | "ROOTS" | "TCP" | "TICKS" | "TIMERS" | "UNCHECKED";

/** Sets the constants of the guest library's file of features, and returns those it set to false. */
export function setFeatures(program: Program, contexts: Contexts): Feature[] {
  const texts = clientSources(program).map((source) => source.text);
  const unused: Feature[] = [];
  if (!texts.some((text) => CALLOUT.test(text))) unused.push("CALLOUTS");
  if (!texts.some(mayNameRootId)) unused.push("ROOT_IDS");
  if (!hasSubclass(contexts, "RootContext")) unused.push("ROOTS");
  if (!hasSubclass(contexts, "TcpContext")) unused.push("TCP");
  if (!texts.some((text) => TIMER.test(text))) unused.push("TIMERS");
  if (texts.some((text) => REGISTRATION.test(text))) unused.push("UNCHECKED");
  if (!texts.some(mayHoldHeaders)) unused.push("HOLDS");
  if (!texts.some((text) => TICK.test(text))) unused.push("TICKS");
  const file = sdkFile(program, "features");
  return unused.filter((feature) => {
    const element = file?.getMember(feature);
    if (!(element instanceof asc.Global)) return false;
    const declaration = element.declaration as asc.VariableDeclaration;
    declaration.initializer = asc.Node.createFalseExpression(declaration.range);
    return true;
  });
}

function hasSubclass(contexts: Contexts, name: "RootContext" | "TcpContext"): boolean {
  const base = contexts.core.get(name);
  return base !== undefined && contexts.derived.some((prototype) => derivesFrom(prototype, base));
}

/** What a source that sets timers cannot do without. */
const TIMER = /setInterval|setTimeout|clearTimer/;

/** What a source that makes calls cannot do without. */
const CALLOUT = /httpCall|grpcCall|grpcStream/;

const REGISTRATION = /\bregister(?:Http|Tcp|Root)Context\b/;

/** Anything that may have to do with the tick of a root. */
const TICK = /tick|timer|setInterval|setTimeout/i;

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
