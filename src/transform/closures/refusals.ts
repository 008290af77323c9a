// What a callback that captures may not do: it works on copies, and AssemblyScript moves it into a method.
import type { Node } from "assemblyscript";
import type { Site } from "./analyzer.ts";
import type { CallbackMethod } from "./methods.ts";
import type { Reference, Unit, Variable } from "./scopes.ts";

/** A reason not to convert a callback. */
export interface Refusal {
  readonly at: Node;
  readonly text: string;
  /** The second place that belongs to it. */
  readonly related: Node | null;
}

const KEEP = "keep what changes in a field of 'this'";

/** Every reason not to convert this callback. */
export function refusalsOf(site: Site, method: CallbackMethod): Refusal[] {
  return [...formRefusals(site, method), ...selfRefusals(site), ...captureRefusals(site)];
}

function formRefusals({ callback, unit }: Site, method: CallbackMethod): Refusal[] {
  const found: Refusal[] = [];
  const { name } = method;
  const refuse = (at: Node, text: string): void => void found.push({ at, text, related: null });
  if (unit.kind !== "arrow")
    refuse(
      callback,
      `A 'function' cannot use variables or 'this' from outside: write the callback of '${name}' as an arrow function, as in '(...) => { ... }'.`,
    );
  const most = method.callback.parameters.length;
  const surplus = callback.declaration.signature.parameters[most];
  if (surplus)
    refuse(
      surplus,
      `The callback of '${name}' has ${most === 0 ? "no parameters" : `at most ${most} parameter${most > 1 ? "s" : ""}`}: take away '${surplus.name.text}'.`,
    );
  for (let outer = unit.outer; outer; outer = outer.outer) {
    for (const type of outer.typeParameters) {
      if (unit.typeNames.has(type))
        refuse(
          callback,
          `A callback cannot use the type parameter '${type}' of the function around it: give it to the class, or move the call into a function of its own for each type.`,
        );
    }
  }
  return found;
}

function selfRefusals({ unit }: Site): Refusal[] {
  const { self } = unit;
  if (!self) return [];
  const method = homeOfThis(unit);
  if (method.kind === "function" || !method.owner)
    return [
      {
        at: self,
        text: "'this' of a 'function' is no object of a class: write a method, or pass the object as a parameter.",
        related: null,
      },
    ];
  return method.isStatic
    ? [{ at: self, text: "A static method has no 'this': pass the object as a parameter.", related: null }]
    : [];
}

/** The function whose `this` a callback means. */
function homeOfThis(unit: Unit): Unit {
  let it = unit;
  while (it.kind === "arrow" && it.outer) it = it.outer;
  return it;
}

function captureRefusals(site: Site): Refusal[] {
  const { callback, unit } = site;
  const found: Refusal[] = [];
  for (const [variable, references] of capturesOf(site)) {
    const { name, identifier } = variable;
    const [first] = references;
    if (variable.initializer && contains(variable.initializer, callback)) {
      found.push({
        at: first?.identifier ?? callback,
        text: `'${name}' has no value yet when the callback is made, which gets a copy of it: keep it in a field of 'this'.`,
        related: identifier,
      });
      continue;
    }
    if (variable.kind !== "function" && identifier.range.start > callback.range.start) {
      found.push({
        at: first?.identifier ?? callback,
        text: `'${name}' is declared only after the callback is made, which gets a copy of it: declare it before.`,
        related: identifier,
      });
      continue;
    }
    for (const write of variable.writes) {
      if (isInside(write.unit, unit)) {
        found.push({
          at: write.identifier,
          text: `A callback has a copy of '${name}', so what it assigns is lost: ${KEEP}.`,
          related: identifier,
        });
      } else if (write.unit === variable.unit && mayFollow(write, site)) {
        found.push({
          at: write.identifier,
          text: `'${name}' is changed after a callback has got a copy of it: copy it to a const before the call, or ${KEEP}.`,
          related: callback,
        });
      }
    }
  }
  return found;
}

/** The variables that a callback must be given, with its references to them. */
export function capturesOf({ unit }: Site): Map<Variable, Reference[]> {
  const captures = new Map<Variable, Reference[]>();
  for (const reference of unit.captured) {
    const { variable } = reference;
    if (!variable.inlined) captures.set(variable, [...(captures.get(variable) ?? []), reference]);
  }
  return captures;
}

function isInside(unit: Unit | null, outer: Unit): boolean {
  for (let it = unit; it; it = it.outer) if (it === outer) return true;
  return false;
}

/** Whether an assignment may run after the callback has got its copy. By the text, and rather yes than no. */
function mayFollow({ identifier, variable, place }: Reference, site: Site): boolean {
  const { loops, blocks } = site.place;
  if (loops.some((loop) => place.loops.includes(loop) && !variable.place.loops.includes(loop))) return true;
  if (identifier.range.start < site.callback.range.start) return false;
  return !blocks.some((block) => {
    const other = place.blocks.find((it) => it.statement === block.statement);
    // In the other branch of the same `if`, or behind a branch that ends the function.
    return other ? other !== block : block.leaves;
  });
}

function contains(outer: Node, inner: Node): boolean {
  return outer.range.start <= inner.range.start && inner.range.end <= outer.range.end;
}
