// Reads one file: resolves its local names, and finds arrow functions that are given to certain methods.
import * as asc from "assemblyscript";
import type { Expression, Node, Source, Statement } from "assemblyscript";
import { ASSIGNMENTS, bare } from "../syntax.ts";
import { LocalNames } from "./local-names.ts";
import { isVariable, leaves } from "./narrowing.ts";
import type { Place, Unit, Variable } from "./scopes.ts";

/** A function written as an argument of a call that may be one of the library's. */
export interface Site {
  readonly call: asc.CallExpression;
  /** The name in the call. */
  readonly callee: asc.IdentifierExpression;
  /** What stands before the name and a dot, if anything does. */
  readonly receiver: Expression | null;
  /** The number of the argument. */
  readonly argument: number;
  readonly callback: asc.FunctionExpression;
  /** The callback as a unit. */
  readonly unit: Unit;
  readonly place: Place;
  /** Variables that a condition around the call has shown not to be null. */
  readonly notNull: ReadonlySet<Variable>;
}

/** A function in a variable that is then given to a call. */
export interface Kept {
  readonly callback: asc.FunctionExpression;
  /** The name in the call. */
  readonly callee: string;
}

/** Finds the functions that are arguments in calls of one of these names. */
export function findSites(
  source: Source,
  names: ReadonlySet<string>,
): { readonly sites: readonly Site[]; readonly kept: readonly Kept[] } {
  return new Analyzer(source, names);
}

class Analyzer extends LocalNames {
  readonly sites: Site[] = [];
  readonly kept: Kept[] = [];
  private readonly names: ReadonlySet<string>;

  constructor(source: Source, names: ReadonlySet<string>) {
    super(source);
    this.names = names;
    this.all(source.statements);
  }

  private all(nodes: readonly (Node | null)[]): void {
    for (const node of nodes) this.visit(node);
  }

  private visit(node: Node | null): void {
    if (!node) return;
    if (node instanceof asc.TypeNode || node instanceof asc.TypeName) this.types(node);
    else if (node instanceof asc.ThisExpression || node instanceof asc.SuperExpression) this.self(node);
    else if (node instanceof asc.IdentifierExpression) this.reference(node, false);
    else if (node instanceof asc.PropertyAccessExpression) this.visit(node.expression);
    else if (node instanceof asc.ObjectLiteralExpression) this.all(node.values);
    else if (node instanceof asc.CallExpression) this.call(node);
    else if (node instanceof asc.BinaryExpression) this.binary(node);
    else if (node instanceof asc.UnaryPrefixExpression || node instanceof asc.UnaryPostfixExpression)
      this.unary(node);
    else if (node instanceof asc.FunctionExpression)
      this.function(node.declaration, node.declaration.arrowKind ? "arrow" : "function", this.unit);
    else if (node instanceof asc.FunctionDeclaration) this.function(node, "function", this.unit);
    else if (node instanceof asc.VariableStatement) {
      for (const { type, initializer } of node.declarations) this.all([type, initializer]);
    } else if (node instanceof asc.BlockStatement) this.block(node.statements);
    else if (node instanceof asc.IfStatement) this.ifStatement(node);
    else if (node instanceof asc.ForStatement) this.forStatement(node);
    else if (node instanceof asc.ForOfStatement) this.forOf(node);
    else if (node instanceof asc.WhileStatement || node instanceof asc.DoStatement)
      this.inLoop(node, () => this.all([node.condition, node.body]));
    else if (node instanceof asc.SwitchStatement) this.switchStatement(node);
    else if (node instanceof asc.TryStatement) this.tryStatement(node);
    else if (node instanceof asc.ClassDeclaration) this.class(node);
    else if (node instanceof asc.NamespaceDeclaration) this.namespace(node);
    else if (!hasNoCode(node)) this.children(node);
  }

  private children(node: Node): void {
    for (const [key, value] of Object.entries(node)) {
      if (key === "range") continue;
      if (value instanceof asc.Node) this.visit(value);
      else if (Array.isArray(value)) for (const item of value) if (item instanceof asc.Node) this.visit(item);
    }
  }

  // Units

  private function(declaration: asc.FunctionDeclaration, kind: Unit["kind"], outer: Unit | null): Unit {
    const { signature, body } = declaration;
    return this.inUnit(declaration, kind, outer, declaration.typeParameters, () => {
      for (const parameter of signature.parameters) {
        this.declare(parameter.name, "parameter");
        this.all([parameter.type, parameter.initializer]);
      }
      this.types(signature.returnType);
      if (body instanceof asc.BlockStatement) this.block(body.statements);
      else this.visit(body);
    });
  }

  private class(node: asc.ClassDeclaration): void {
    const outer = this.owner;
    this.owner = node;
    for (const member of node.members) {
      if (member instanceof asc.FunctionDeclaration) this.function(member, "method", null);
      else if (member instanceof asc.FieldDeclaration && member.initializer) {
        const { initializer } = member;
        this.inUnit(member, "field", null, null, () => this.visit(initializer));
      }
    }
    this.owner = outer;
  }

  private namespace(node: asc.NamespaceDeclaration): void {
    const { home } = this;
    this.home = node.members;
    this.all(node.members);
    this.home = home;
  }

  // Statements

  private block(statements: readonly Statement[]): void {
    this.inBlock({ statement: statements, leaves: leaves(statements.at(-1)) }, () => {
      this.declareAll(statements);
      this.all(statements);
    });
  }

  private ifStatement(node: asc.IfStatement): void {
    this.visit(node.condition);
    for (const branch of [node.ifTrue, node.ifFalse]) {
      if (!branch) continue;
      this.inBlock({ statement: node, leaves: leaves(branch) }, () => {
        this.prove(node.condition, branch === node.ifTrue);
        this.visit(branch);
      });
    }
    if (leaves(node.ifTrue)) this.prove(node.condition, false);
    else if (leaves(node.ifFalse)) this.prove(node.condition, true);
  }

  private forStatement(node: asc.ForStatement): void {
    const { initializer, condition, incrementor, body } = node;
    this.inLoop(node, () => {
      this.declareAll(initializer ? [initializer] : []);
      this.all([initializer, condition, incrementor, body]);
    });
  }

  private forOf(node: asc.ForOfStatement): void {
    this.inLoop(node, () => {
      this.declareAll([node.variable]);
      this.all([node.iterable, node.body]);
    });
  }

  private switchStatement(node: asc.SwitchStatement): void {
    this.visit(node.condition);
    this.inBlock({ statement: node, leaves: false }, () => {
      for (const { statements } of node.cases) this.declareAll(statements);
      const { notNull } = this;
      for (const { label, statements } of node.cases) {
        this.visit(label);
        this.all(statements);
        // The next case may be reached without this one.
        this.notNull = notNull;
      }
    });
  }

  private tryStatement(node: asc.TryStatement): void {
    this.block(node.bodyStatements);
    this.block(node.catchStatements ?? []);
    this.block(node.finallyStatements ?? []);
  }

  // Expressions

  private binary(node: asc.BinaryExpression): void {
    const target = bare(node.left);
    if (ASSIGNMENTS.has(node.operator) && isVariable(target)) this.reference(target, true);
    else this.visit(node.left);
    this.visit(node.right);
  }

  private unary(node: asc.UnaryPrefixExpression | asc.UnaryPostfixExpression): void {
    const target = bare(node.operand);
    const writes = node.operator === asc.Token.Plus_Plus || node.operator === asc.Token.Minus_Minus;
    if (writes && isVariable(target)) this.reference(target, true);
    else this.visit(node.operand);
  }

  private call(node: asc.CallExpression): void {
    const target = bare(node.expression);
    const receiver = target instanceof asc.PropertyAccessExpression ? target.expression : null;
    const callee = target instanceof asc.PropertyAccessExpression ? target.property : target;
    this.visit(node.expression);
    for (const type of node.typeArguments ?? []) this.types(type);
    const named = isVariable(callee) && this.names.has(callee.text) && !node.typeArguments?.length;
    const { place, notNull } = this;
    node.args.forEach((value, argument) => {
      const callback = bare(value);
      if (!(callback instanceof asc.FunctionExpression)) {
        if (named) this.keep(callback, callee.text);
        return this.visit(value);
      }
      const { declaration } = callback;
      const unit = this.function(declaration, declaration.arrowKind ? "arrow" : "function", this.unit);
      if (named) this.sites.push({ call: node, callee, receiver, argument, callback, unit, place, notNull });
    });
  }

  private keep(value: Node, callee: string): void {
    const initializer = isVariable(value) ? this.scope?.find(value.text)?.initializer : null;
    const callback = initializer && bare(initializer);
    if (callback instanceof asc.FunctionExpression) this.kept.push({ callback, callee });
  }
}

/** Nodes in which no local name is used. */
function hasNoCode(node: Node): boolean {
  return (
    node instanceof asc.DecoratorNode ||
    node instanceof asc.ImportStatement ||
    node instanceof asc.ExportStatement ||
    node instanceof asc.BreakStatement ||
    node instanceof asc.ContinueStatement ||
    node instanceof asc.InterfaceDeclaration ||
    node instanceof asc.EnumDeclaration ||
    node instanceof asc.TypeDeclaration
  );
}
