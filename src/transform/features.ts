// Tells the guest library what a module makes no use of, so that asc never compiles the code for it.
import * as asc from "assemblyscript";
import type { Program } from "assemblyscript";
import { CALLOUT, mayHoldHeaders, mayNameRootId, REGISTRATION, TICK, TIMER } from "./mentions.ts";
import { isRequested, KEEP_CALLBACKS } from "./options.ts";
import { clientSources, derivesFrom, sdkFile, type Contexts } from "./sdk.ts";
import { ENDS, isStateless, startsEmpty } from "./stream-objects.ts";

/** The constants of assembly/features.ts. Each is true unless a build shows that it can be false. */
export type Feature =
  | "CALLOUTS"
  | "DELETES"
  | "EAGER_STREAMS"
  | "HOLDS"
  | "ROOT_IDS"
  | "ROOTS"
  | "STREAM_CONSTRUCTORS"
  | "STREAM_OBJECTS"
  | "TCP"
  | "TICKS"
  | "TIMERS"
  | "UNCHECKED";

/** Sets the constants of the guest library's file of features, and returns those it set to false. */
export function setFeatures(program: Program, contexts: Contexts): Feature[] {
  const texts = clientSources(program).map((source) => source.text);
  const unused: Feature[] = [];
  const overridden = (callback: string): boolean =>
    contexts.derived.some((prototype) => prototype.instanceMembers?.has(callback));
  if (!texts.some((text) => CALLOUT.test(text))) unused.push("CALLOUTS");
  if (!overridden("onDelete")) unused.push("DELETES");
  if (!texts.some(mayNameRootId)) unused.push("ROOT_IDS");
  if (!hasSubclass(contexts, "RootContext")) unused.push("ROOTS");
  if (!hasSubclass(contexts, "TcpContext")) unused.push("TCP");
  const mayDrop = !isRequested(program, KEEP_CALLBACKS);
  if (mayDrop && unused.includes("ROOT_IDS") && isStateless(contexts)) unused.push("STREAM_OBJECTS");
  if (startsEmpty(contexts)) unused.push("STREAM_CONSTRUCTORS");
  if (!texts.some((text) => TIMER.test(text))) unused.push("TIMERS");
  if (texts.some((text) => REGISTRATION.test(text))) unused.push("UNCHECKED");
  if (!texts.some(mayHoldHeaders)) unused.push("HOLDS");
  if (!texts.some((text) => TICK.test(text))) unused.push("TICKS");
  if (unused.includes("STREAM_OBJECTS") || (mayDrop && mayComeLate(unused, overridden)))
    unused.push("EAGER_STREAMS");
  const file = sdkFile(program, "features");
  return unused.filter((feature) => {
    const element = file?.getMember(feature);
    if (!(element instanceof asc.Global)) return false;
    const declaration = element.declaration as asc.VariableDeclaration;
    declaration.initializer = asc.Node.createFalseExpression(declaration.range);
    return true;
  });
}

/**
 * Whether it is enough to make a stream's object with the first callback that the filter hears of: nobody could tell
 * the difference, since nothing of the filter runs before, and a stream that comes only to its end is of no interest.
 */
function mayComeLate(unused: readonly Feature[], overridden: (callback: string) => boolean): boolean {
  const needed = [
    "ROOTS",
    "ROOT_IDS",
    "TCP",
    "CALLOUTS",
    "TIMERS",
    "UNCHECKED",
    "STREAM_CONSTRUCTORS",
  ] as const;
  return needed.every((feature) => unused.includes(feature)) && !ENDS.some(overridden);
}

function hasSubclass(contexts: Contexts, name: "RootContext" | "TcpContext"): boolean {
  const base = contexts.core.get(name);
  return base !== undefined && contexts.derived.some((prototype) => derivesFrom(prototype, base));
}
