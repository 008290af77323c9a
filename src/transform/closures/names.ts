// Finds what a name means across files by their text alone: when files are parsed, asc itself does not know yet.
import * as asc from "assemblyscript";
import type { DeclarationStatement, Source, Statement, TypeName } from "assemblyscript";

/** A declaration and the file it stands in. */
export interface Declared<T extends DeclarationStatement = DeclarationStatement> {
  readonly declaration: T;
  readonly source: Source;
}

/** No chain of re-exports is longer, unless it goes in a circle. */
const MAX_STEPS = 32;

/** The files of a program, by the names that imports use. */
export class Files {
  private readonly sources: ReadonlyMap<string, Source>;

  constructor(sources: readonly Source[]) {
    this.sources = new Map(sources.map((source) => [source.internalPath, source]));
  }

  /** What a name means in a file; `inner` are the statements of the namespace in which it is used. */
  find(
    name: string,
    source: Source,
    inner: readonly Statement[] = [],
    steps: number = MAX_STEPS,
  ): Declared | null {
    const own = declared(name, inner) ?? declared(name, source.statements);
    if (own) return { declaration: own, source };
    for (const statement of source.statements) {
      if (!(statement instanceof asc.ImportStatement)) continue;
      const member = statement.declarations?.find((it) => it.name.text === name);
      if (member) return this.exported(member.foreignName.text, statement.internalPath, steps - 1);
    }
    return null;
  }

  /** As {@link find}, for a name with dots. */
  findType({ identifier, next }: TypeName, source: Source, inner: readonly Statement[]): Declared | null {
    if (!next) return this.find(identifier.text, source, inner);
    if (next.next) return null;
    const member = next.identifier.text;
    for (const statement of source.statements) {
      if (statement instanceof asc.ImportStatement && statement.namespaceName?.text === identifier.text)
        return this.exported(member, statement.internalPath);
    }
    const space = this.find(identifier.text, source, inner);
    const { declaration } = space ?? {};
    if (!space || !(declaration instanceof asc.NamespaceDeclaration)) return null;
    const found = declared(member, declaration.members);
    return found && { declaration: found, source: space.source };
  }

  /** A class and those it derives from, as far as they can be found. */
  *lineage(
    declaration: asc.ClassDeclaration,
    source: Source,
    inner: readonly Statement[],
  ): Generator<Declared<asc.ClassDeclaration>> {
    let at: Declared<asc.ClassDeclaration> | null = { declaration, source };
    const seen = new Set<asc.ClassDeclaration>();
    while (at && !seen.has(at.declaration)) {
      yield at;
      seen.add(at.declaration);
      const base: asc.NamedTypeNode | null = at.declaration.extendsType;
      const found: Declared | null = base && this.findType(base.name, at.source, inner);
      inner = [];
      at =
        found?.declaration instanceof asc.ClassDeclaration
          ? { declaration: found.declaration, source: found.source }
          : null;
    }
  }

  private exported(name: string, path: string, steps: number = MAX_STEPS): Declared | null {
    const source = this.sources.get(path) ?? this.sources.get(`${path}/index`);
    if (!source || steps <= 0) return null;
    const everything: string[] = [];
    for (const statement of source.statements) {
      if (statement instanceof asc.ExportDefaultStatement && name === "default")
        return { declaration: statement.declaration, source };
      if (!(statement instanceof asc.ExportStatement)) continue;
      const { members, internalPath } = statement;
      if (!members) everything.push(internalPath ?? "");
      const member = members?.find((it) => it.exportedName.text === name);
      if (!member) continue;
      const { text } = member.localName;
      return internalPath === null
        ? this.find(text, source, [], steps - 1)
        : this.exported(text, internalPath, steps - 1);
    }
    const own = declared(name, source.statements);
    if (own) return { declaration: own, source };
    for (const each of everything) {
      const found = this.exported(name, each, steps - 1);
      if (found) return found;
    }
    return null;
  }
}

/** What a list of statements declares under a name: a class, function, namespace, enum or type. */
function declared(name: string, statements: readonly Statement[]): DeclarationStatement | null {
  for (const statement of statements) {
    const it = statement instanceof asc.ExportDefaultStatement ? statement.declaration : statement;
    if (it instanceof asc.DeclarationStatement && it.name.text === name) return it;
  }
  return null;
}
