// Finds missing registrations, and those of classes that the library cannot create.
import * as asc from "assemblyscript";
import type { CallExpression, ClassPrototype, Element, File, Program, Range } from "assemblyscript";
import { isRequested } from "../options.ts";
import { clientSources, derivesFrom, isSdkIndex, isSdkName, isUserSource, type ContextName } from "../sdk.ts";
import { textOf, walkSource } from "../syntax.ts";
import type { Check, CheckInput } from "./check.ts";

/** The `use` option for a program that only defines filters: `"use": ["PROXY_WASM_AS_LIBRARY=1"]`. */
export const LIBRARY = "PROXY_WASM_AS_LIBRARY";

/** The functions that register, and what their class must extend. */
const REGISTRATIONS: ReadonlyMap<string, ContextName> = new Map([
  ["registerHttpContext", "HttpContext"],
  ["registerTcpContext", "TcpContext"],
  ["registerRootContext", "RootContext"],
]);

interface Registration {
  readonly call: CallExpression;
  readonly name: string;
  readonly context: ContextName;
  /** The file of the call, in which its names have a meaning. */
  readonly file: File;
}

export const checkRegistrations: Check = (input) => {
  const registrations = findRegistrations(input.program);
  if (!registrations.length) checkMissing(input);
  for (const registration of registrations) checkClass(registration, input);
  checkRepeated(registrations, input);
};

/** All calls of a registering function, also in packages. */
function findRegistrations(program: Program): Registration[] {
  const found: Registration[] = [];
  for (const source of clientSources(program)) {
    const file = program.filesByName.get(source.internalPath);
    if (!file || (!source.text.includes("register") && !source.text.includes("proxy-wasm-as"))) continue;
    walkSource(source, (node) => {
      if (!(node instanceof asc.CallExpression)) return;
      const name = registeringName(node, file);
      const context = name === null ? undefined : REGISTRATIONS.get(name);
      if (name !== null && context) found.push({ call: node, name, context, file });
    });
  }
  return found;
}

/** The library's name of the function that is called, if it registers; imports may rename it. */
function registeringName(call: CallExpression, file: File): string | null {
  const callee = call.expression;
  if (callee instanceof asc.PropertyAccessExpression) {
    return REGISTRATIONS.has(callee.property.text) ? callee.property.text : null;
  }
  if (!(callee instanceof asc.IdentifierExpression)) return null;
  const element = file.lookup(callee.text);
  return element && isSdkName(element.internalName) && REGISTRATIONS.has(element.name) ? element.name : null;
}

function checkMissing({ program, contexts, diagnostics }: CheckInput): void {
  const underTest = program.sources.some((source) => source.internalPath.includes("@as-pect/assembly"));
  if (underTest || isRequested(program, LIBRARY)) return;
  const own = contexts.derived.filter((it) => isUserSource(it.declaration.range.source));
  const candidate = own.find((it) => !it.is(asc.CommonFlags.Abstract)) ?? own[0];
  const range = candidate?.identifierNode.range ?? firstImport(program);
  if (!range) return;
  const [name] = [...REGISTRATIONS].find(
    ([, context]) => candidate && extendsContext(candidate, context, contexts),
  ) ?? ["registerHttpContext"];
  diagnostics.error(
    range,
    `Nothing is registered, so a proxy would never call this code: add '${name}<${candidate?.name ?? "YourClass"}>();' at the end of the file.`,
  );
}

/** Where the user's own files first import the whole library; one that takes single files may be no filter. */
function firstImport(program: Program): Range | null {
  for (const source of program.sources) {
    if (!isUserSource(source)) continue;
    for (const statement of source.statements) {
      if (statement instanceof asc.ImportStatement && isSdkIndex(statement.internalPath))
        return statement.range;
    }
  }
  return null;
}

function checkClass({ call, name, context, file }: Registration, input: CheckInput): void {
  const type = call.typeArguments?.[0];
  const element = type ? resolve(type, file) : null;
  if (!(element instanceof asc.ClassPrototype)) return;
  const problem = problemOf(element, name, context, input);
  if (problem !== null) input.diagnostics.registrationError(call.range, problem);
}

/** What a type names: a class, also in a namespace. `null` for a type parameter and for what asc will not find. */
function resolve(type: asc.TypeNode, file: File): Element | null {
  if (!(type instanceof asc.NamedTypeNode)) return null;
  let element: Element | null = file.lookup(type.name.identifier.text, true);
  for (let next = type.name.next; next && element; next = next.next)
    element = element.getMember(next.identifier.text);
  return element;
}

function problemOf(
  prototype: ClassPrototype,
  name: string,
  context: ContextName,
  { contexts }: CheckInput,
): string | null {
  const className = prototype.name;
  // What it extends was not found, and asc has said so.
  if (prototype.extendsNode && !prototype.basePrototype) return null;
  if (!extendsContext(prototype, context, contexts)) {
    const other = [...REGISTRATIONS].find(([, it]) => extendsContext(prototype, it, contexts));
    return other
      ? `'${className}' is a ${other[1]}: register it with '${other[0]}<${className}>()'.`
      : `'${className}' cannot be registered, because it does not extend ${context}: write 'class ${className} extends ${context}'.`;
  }
  if (prototype.is(asc.CommonFlags.Abstract))
    return `'${className}' is abstract, so no object of it can be made: register a class that extends it.`;
  const needed = requiredParameters(prototype);
  if (needed.length) {
    const way =
      context === "RootContext"
        ? "give them defaults"
        : `give them defaults, or make the object yourself in create${context} of a RootContext and register only that`;
    return `'${className}' cannot be made by '${name}', because its constructor wants arguments (${needed.join(", ")}): ${way}.`;
  }
  return null;
}

function extendsContext(
  prototype: ClassPrototype,
  context: ContextName,
  contexts: CheckInput["contexts"],
): boolean {
  const core = contexts.core.get(context);
  return core !== undefined && derivesFrom(prototype, core);
}

/** The parameters without a default of the constructor that creates a class. */
function requiredParameters(prototype: ClassPrototype): string[] {
  for (let it: ClassPrototype | null = prototype; it; it = it.basePrototype) {
    const declaration = it.constructorPrototype?.declaration;
    if (!(declaration instanceof asc.FunctionDeclaration)) continue;
    return declaration.signature.parameters
      .filter((parameter) => !parameter.initializer && parameter.parameterKind !== asc.ParameterKind.Rest)
      .map((parameter) => parameter.name.text);
  }
  return [];
}

/** Two registrations of one kind and root id: the library keeps the last one. */
function checkRepeated(registrations: readonly Registration[], { diagnostics }: CheckInput): void {
  const known = new Set<string>();
  for (const { call, name } of registrations) {
    const argument = call.args[0];
    if (argument && !(argument instanceof asc.StringLiteralExpression)) continue;
    const key = `${name} ${argument ? textOf(argument) : ""}`;
    if (known.has(key)) {
      const rootId = argument ? `with the root id ${textOf(argument)}` : "without a root id";
      diagnostics.warning(
        call.range,
        `'${name}' is called twice ${rootId}: only the class registered last is used.`,
      );
    }
    known.add(key);
  }
}
