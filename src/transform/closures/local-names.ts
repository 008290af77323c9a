// The local names of a file while it is read: where the reader is, and what a name means there.
import * as asc from "assemblyscript";
import type { Expression, Node, Source, Statement } from "assemblyscript";
import { bare } from "../syntax.ts";
import { isVariable, provenNotNull } from "./narrowing.ts";
import { createUnit, Scope, type Block, type Place, type Unit, type Variable } from "./scopes.ts";

/** Follows a reader through functions, blocks and loops, and resolves what it comes across. */
export abstract class LocalNames {
  protected home: Statement[];
  protected owner: asc.ClassDeclaration | null = null;
  protected unit: Unit | null = null;
  /** None at the top level of files and namespaces, whose names every function sees by itself. */
  protected scope: Scope | null = null;
  protected loops: readonly Node[] = [];
  protected blocks: readonly Block[] = [];
  protected notNull: ReadonlySet<Variable> = new Set();

  protected get place(): Place {
    return { loops: this.loops, blocks: this.blocks };
  }

  constructor(source: Source) {
    this.home = source.statements;
  }

  protected reference(identifier: asc.IdentifierExpression, write: boolean): void {
    const variable = isVariable(identifier) ? this.scope?.find(identifier.text) : null;
    if (!variable) return;
    const reference = { identifier, variable, unit: this.unit, place: this.place };
    if (write) variable.writes.push(reference);
    for (let it = this.unit; it && it !== variable.unit; it = it.outer) it.captured.push(reference);
  }

  /** `this` is that of the method around all arrows. */
  protected self(node: Node): void {
    for (let it = this.unit; it; it = it.kind === "arrow" ? it.outer : null) it.self ??= node;
  }

  protected types(node: Node): void {
    if (node instanceof asc.IdentifierExpression) {
      for (let it = this.unit; it; it = it.outer) it.typeNames.add(node.text);
      return;
    }
    for (const [key, value] of Object.entries(node)) {
      if (key === "range") continue;
      if (value instanceof asc.Node) this.types(value);
      else if (Array.isArray(value)) for (const item of value) if (item instanceof asc.Node) this.types(item);
    }
  }

  protected declare(
    identifier: asc.IdentifierExpression,
    kind: Variable["kind"],
    initializer: Expression | null = null,
    inlined: asc.VariableDeclaration | null = null,
  ): void {
    const { unit, place } = this;
    this.scope?.declare({
      name: identifier.text,
      identifier,
      kind,
      initializer,
      inlined,
      unit,
      place,
      writes: [],
    });
  }

  /** Declares what a list of statements declares, since a name means the same in all of its block. */
  protected declareAll(statements: readonly Statement[]): void {
    for (const statement of statements) {
      if (statement instanceof asc.VariableStatement) {
        for (const it of statement.declarations) {
          // Where it hides another variable, asc would look at that one.
          const inlined = isInlined(it) && !this.scope?.find(it.name.text);
          this.declare(it.name, "variable", it.initializer, inlined ? it : null);
        }
      } else if (statement instanceof asc.FunctionDeclaration) this.declare(statement.name, "function");
      else if (
        // As asc parses a local function.
        statement instanceof asc.ExpressionStatement &&
        statement.expression instanceof asc.FunctionExpression &&
        statement.expression.declaration.name.text
      ) {
        this.declare(statement.expression.declaration.name, "function");
      }
    }
  }

  protected inUnit(
    declaration: asc.FunctionDeclaration | asc.FieldDeclaration,
    kind: Unit["kind"],
    outer: Unit | null,
    typeParameters: readonly asc.TypeParameterNode[] | null,
    work: () => void,
  ): Unit {
    const { unit, scope, loops, blocks, notNull } = this;
    const inner = createUnit({
      kind,
      declaration,
      outer,
      owner: this.owner,
      home: this.home,
      isStatic: declaration.is(asc.CommonFlags.Static),
      typeParameters: (typeParameters ?? []).map((it) => it.name.text),
    });
    this.unit = inner;
    if (!outer && kind !== "arrow") this.scope = null;
    this.scope = new Scope(this.scope);
    this.loops = [];
    this.blocks = [];
    work();
    Object.assign(this, { unit, scope, loops, blocks, notNull });
    return inner;
  }

  protected inBlock(block: Block, work: () => void): void {
    const { scope, blocks, notNull } = this;
    this.scope = new Scope(scope);
    this.blocks = [...blocks, block];
    work();
    Object.assign(this, { scope, blocks, notNull });
  }

  protected inLoop(loop: Node, work: () => void): void {
    const { loops } = this;
    this.loops = [...loops, loop];
    this.inBlock({ statement: loop, leaves: false }, work);
    this.loops = loops;
  }

  protected prove(condition: Expression, outcome: boolean): void {
    const proven = provenNotNull(condition, outcome).flatMap((it) => this.scope?.find(it.text) ?? []);
    if (proven.length) this.notNull = new Set([...this.notNull, ...proven]);
  }
}

/** `const limit = 5`: asc keeps no variable for it, so a function inside needs no copy. */
function isInlined(declaration: asc.VariableDeclaration): boolean {
  const { type, initializer } = declaration;
  if (!declaration.is(asc.CommonFlags.Const) || !initializer || type?.isNullable) return false;
  return bare(initializer) instanceof asc.StringLiteralExpression || isConstantNumber(initializer);
}

function isConstantNumber(expression: Expression): boolean {
  const value = bare(expression);
  if (value instanceof asc.UnaryPrefixExpression) return isConstantNumber(value.operand);
  if (value instanceof asc.BinaryExpression) {
    // For a power asc calls a function.
    if (value.operator === asc.Token.Asterisk_Asterisk) return false;
    return isConstantNumber(value.left) && isConstantNumber(value.right);
  }
  return (
    value instanceof asc.IntegerLiteralExpression ||
    value instanceof asc.FloatLiteralExpression ||
    value instanceof asc.TrueExpression ||
    value instanceof asc.FalseExpression
  );
}
