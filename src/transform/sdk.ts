// The guest library inside a program that asc has parsed: its files, its context classes, and what derives from them.
import * as asc from "assemblyscript";
import type { ClassPrototype, File, Program, Source, Statement } from "assemblyscript";
import { walkSource } from "./syntax.ts";

/** How asc names the library's files, however the package was installed. */
const PACKAGE = "~lib/proxy-wasm-as/";
/** The folder of the guest library. */
export const GUEST = `${PACKAGE}assembly/`;

/** Whether a name asc uses inside a program (of a file, a class, a function) belongs to the guest library. */
export function isSdkName(internalName: string): boolean {
  return internalName.startsWith(PACKAGE);
}

/** Whether an import of this file is one of the whole library, as `"proxy-wasm-as"`. */
export function isSdkIndex(internalPath: string): boolean {
  return `${internalPath.replace(/\/index$/, "")}/` === PACKAGE || `${internalPath}/` === GUEST;
}

/** Whether a source is the user's own: in the project, not in a package and not in the standard library. */
export function isUserSource(source: Source): boolean {
  return !source.internalPath.startsWith("~lib/");
}

/** The sources that can use the guest library: the user's and those of packages. */
export function clientSources(program: Program): Source[] {
  return program.sources.filter((source) => !isSdkName(source.internalPath) && !isStandard(source));
}

/** AssemblyScript's own library: its files have no slash after `~lib/`, or lie in one of four folders. */
function isStandard(source: Source): boolean {
  return /^~lib\/([^/]+|(?:bindings|rt|shared|util)\/.*)$/.test(source.internalPath);
}

/** A file of the guest library by its name there; absent if the program does not load it. */
export function sdkFile(program: Program, name: string): File | null {
  return program.filesByName.get(GUEST + name) ?? null;
}

/** The file whose exports the preset makes exports of the module; absent in a build without the preset's entry. */
export function exportsFile(program: Program): File | null {
  return sdkFile(program, "exports");
}

/**
 * Moves the entry that exports the library's callbacks before the user's, so that the library's globals are set up
 * first: a filter may call `console.log` at its top level without having imported the library.
 */
export function putLibraryFirst(program: Program): void {
  const sources = program.sources;
  const at = sources.findIndex((source) => source.statements.some(exportsCallbacks));
  const first = sources.findIndex((it) => it.sourceKind === asc.SourceKind.UserEntry && isUserSource(it));
  if (first < 0 || at <= first) return;
  const [entry] = sources.splice(at, 1);
  if (entry) sources.splice(first, 0, entry);
}

function exportsCallbacks(statement: Statement): boolean {
  return statement instanceof asc.ExportStatement && statement.internalPath === `${GUEST}exports`;
}

/** A class from which filters derive. */
export type ContextName = "BaseContext" | "StreamContext" | "HttpContext" | "TcpContext" | "RootContext";

const CONTEXT_NAMES: readonly ContextName[] = [
  "BaseContext",
  "StreamContext",
  "HttpContext",
  "TcpContext",
  "RootContext",
];

/** The guest library's context classes, and the classes of user and packages that derive from them. */
export interface Contexts {
  /** The library's own classes, by name; those that the program does not load are absent. */
  readonly core: ReadonlyMap<ContextName, ClassPrototype>;
  /** Every class outside the library that derives from one of {@link core}, directly or not. */
  readonly derived: readonly ClassPrototype[];
}

/** Finds the context classes by identity: a class of the user that bears the same name is none. */
export function findContexts(program: Program): Contexts {
  const core = new Map<ContextName, ClassPrototype>();
  const classes: ClassPrototype[] = [];
  for (const element of program.elementsByDeclaration.values()) {
    if (!(element instanceof asc.ClassPrototype)) continue;
    if (!isSdkName(element.internalName)) classes.push(element);
    else if (element.parent instanceof asc.File) {
      const name = CONTEXT_NAMES.find((known) => known === element.name);
      if (name) core.set(name, element);
    }
  }
  const base = core.get("BaseContext");
  return { core, derived: base ? classes.filter((it) => derivesFrom(it, base)) : [] };
}

/** Whether `prototype` is `base` or derives from it, also through generic classes. */
export function derivesFrom(prototype: ClassPrototype, base: ClassPrototype): boolean {
  for (let it: ClassPrototype | null = prototype; it; it = it.basePrototype) if (it === base) return true;
  return false;
}

/** `prototype` and what it derives from, down to but without the library's own context classes. */
export function* ownLineage(prototype: ClassPrototype, contexts: Contexts): Generator<ClassPrototype> {
  const core = new Set(contexts.core.values());
  for (let it: ClassPrototype | null = prototype; it && !core.has(it); it = it.basePrototype) yield it;
}

/** Whether any class outside the library has a member of its own by one of these names, which hides the library's. */
export function isHidden(names: Iterable<string>, contexts: Contexts): boolean {
  for (const name of names) {
    if (contexts.derived.some((prototype) => prototype.instanceMembers?.has(name))) return true;
  }
  return false;
}

/** Every name that code outside the library uses behind a dot. */
export function usedNames(program: Program): Set<string> {
  const names = new Set<string>();
  for (const source of clientSources(program)) {
    walkSource(source, (node) => {
      if (node instanceof asc.PropertyAccessExpression) names.add(node.property.text);
    });
  }
  return names;
}
