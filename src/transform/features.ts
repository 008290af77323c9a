// Tells the guest library what a module makes no use of, so that asc never compiles the code for it.
import * as asc from "assemblyscript";
import type { Program } from "assemblyscript";
import { mayHoldHeaders, mayNameRootId, REGISTRATION, TICK } from "./mentions.ts";
import { isRequested, KEEP_CALLBACKS } from "./options.ts";
import { clientSources, derivesFrom, sdkFile, type Contexts } from "./sdk.ts";
import { isStateless, startsEmpty } from "./stream-objects.ts";

/** The constants of assembly/features.ts. Each is true unless a build shows that it can be false. */
export type Feature =
  "HOLDS" | "ROOT_IDS" | "ROOTS" | "STREAM_CONSTRUCTORS" | "STREAM_OBJECTS" | "TCP" | "TICKS" | "UNCHECKED";

/** Sets the constants of the guest library's file of features, and returns those it set to false. */
export function setFeatures(program: Program, contexts: Contexts): Feature[] {
  const texts = clientSources(program).map((source) => source.text);
  const unused: Feature[] = [];
  if (!texts.some(mayNameRootId)) unused.push("ROOT_IDS");
  if (!hasSubclass(contexts, "RootContext")) unused.push("ROOTS");
  if (!hasSubclass(contexts, "TcpContext")) unused.push("TCP");
  if (!isRequested(program, KEEP_CALLBACKS) && unused.includes("ROOT_IDS") && isStateless(contexts))
    unused.push("STREAM_OBJECTS");
  if (startsEmpty(contexts)) unused.push("STREAM_CONSTRUCTORS");
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
