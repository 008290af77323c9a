// Finds methods that are meant to be callbacks and are none: misspelt, in the wrong class, or never triggered.
import * as asc from "assemblyscript";
import type { ClassPrototype, DeclaredElement } from "assemblyscript";
import { OVERRIDABLE } from "../callbacks.ts";
import { clientSources, derivesFrom, type ContextName } from "../sdk.ts";
import { closest } from "../spelling.ts";
import type { Check, CheckInput } from "./check.ts";

/** The callbacks that come only after a call, and that call. */
const TRIGGERS: Readonly<Record<string, string>> = {
  onRequestBodyComplete: "bufferRequestBody",
  onRequestBodyTooLarge: "bufferRequestBody",
  onResponseBodyComplete: "bufferResponseBody",
  onResponseBodyTooLarge: "bufferResponseBody",
};

export const checkCallbackNames: Check = (input) => {
  const texts = clientSources(input.program).map((source) => source.text);
  for (const prototype of input.contexts.derived) {
    for (const member of prototype.instanceMembers?.values() ?? []) {
      if (!(member instanceof asc.FunctionPrototype)) continue;
      const text = problemOf(member, prototype, texts, input);
      if (text !== null) input.diagnostics.warning(member.declaration.name.range, text);
    }
  }
};

function problemOf(
  member: DeclaredElement,
  prototype: ClassPrototype,
  texts: readonly string[],
  { contexts }: CheckInput,
): string | null {
  const name = member.name;
  const own = new Set<ContextName>();
  for (const [contextName, core] of contexts.core) if (derivesFrom(prototype, core)) own.add(contextName);
  const declaredBy = OVERRIDABLE.get(name);
  if (declaredBy && own.has(declaredBy)) {
    const trigger = TRIGGERS[name];
    if (trigger === undefined || texts.some((text) => text.includes(trigger))) return null;
    return `'${name}' is never called, because nothing asks for the whole body: call 'this.${trigger}(limit)' in ${trigger.replace("buffer", "on").replace("Body", "Headers")}.`;
  }
  // `override` without a method to override is an error of asc, explained there.
  if (member.declaration.is(asc.CommonFlags.Override)) return null;
  // A method that the program itself calls is no callback with a typing error.
  if (texts.some((text) => new RegExp(`\\.\\s*${name}\\s*[(<]`).test(text))) return null;
  if (declaredBy)
    return `'${name}' is never called here: it is a callback of ${declaredBy}, and '${prototype.name}' is none.`;
  if (isInherited(name, prototype)) return null;
  const meant = closest(
    name,
    [...OVERRIDABLE].filter(([, context]) => own.has(context)).map(([callback]) => callback),
  );
  return meant === null ? null : `'${name}' is never called: did you mean 'override ${meant}'?`;
}

/** Whether a base class has a method of this name: then that is where the name comes from. */
function isInherited(name: string, prototype: ClassPrototype): boolean {
  for (let base = prototype.basePrototype; base; base = base.basePrototype)
    if (base.instanceMembers?.has(name)) return true;
  return false;
}
