// Spares the check of an index where a loop has made it already: `for (let i = 0; i < a.length; i++) a[i]`.
import * as asc from "assemblyscript";
import type { CallExpression, Expression, ForStatement, Node, Program } from "assemblyscript";
import { httpMethods } from "./http-methods.ts";
import { clientSources, isHidden, type Contexts } from "./sdk.ts";
import { boundOf, countsUp, isCounter } from "./loops.ts";
import { walk, walkSource, writes, writtenBy } from "./syntax.ts";

/** The arrays whose length never changes, and which hold nothing but numbers. */
const ARRAYS: ReadonlySet<string> = new Set([
  ...["Int8Array", "Uint8Array", "Uint8ClampedArray", "Int16Array", "Uint16Array"],
  ...["Int32Array", "Uint32Array", "Int64Array", "Uint64Array", "Float32Array", "Float64Array"],
]);

/** Whose `bytes()` are such an array in the methods of an HTTP filter, whatever they are given. */
const BODIES: ReadonlySet<string> = new Set(["requestBody", "responseBody"]);

/** What is known of a name in a function. */
interface Name {
  /** It is an array of {@link ARRAYS}, always the same one. */
  readonly isArray: boolean;
  /** It is the length of this array. */
  readonly lengthOf: Name | null;
}

/** A loop in whose body `array[index]` exists. */
interface Proof {
  readonly array: Name;
  readonly index: Name;
}

/**
 * Wraps such an access in asc's `unchecked`, and has the length read once, in all functions outside the library. Returns
 * how many accesses. What is not certain keeps its check: another step, a counter that is written elsewhere, an array that
 * might be replaced.
 */
export function spareIndexChecks(program: Program, contexts: Contexts): number {
  const sources = clientSources(program);
  const taken = new Set<string>();
  for (const source of sources) walkSource(source, (node) => void declaredNames(node, taken));
  if (taken.has("unchecked")) return 0;
  const arrays = new Set([...ARRAYS].filter((name) => !taken.has(name)));
  const methods = isHidden(BODIES, contexts) ? [] : [...httpMethods(contexts)];
  const http = new Set<Node>(methods);
  let spared = 0;
  for (const source of sources) {
    walkSource(source, (node) => {
      if (!(node instanceof asc.FunctionDeclaration) || !node.body) return;
      spared += new Body(node.body, arrays, http.has(node)).run(node);
    });
  }
  return spared;
}

/** Names that a node gives to something else than a member of a class. */
function declaredNames(node: Node, into: Set<string>): void {
  if (node instanceof asc.MethodDeclaration || node instanceof asc.FieldDeclaration) return;
  if (node instanceof asc.DeclarationStatement || node instanceof asc.ParameterNode) into.add(node.name.text);
  // A class that derives from an array may have a length of its own.
  if (node instanceof asc.ClassDeclaration && node.extendsType)
    into.add(node.extendsType.name.range.toString());
  if (node instanceof asc.TypeParameterNode) into.add(node.name.text);
  if (node instanceof asc.ImportStatement && node.namespaceName) into.add(node.namespaceName.text);
}

const OTHER: Name = { isArray: false, lengthOf: null };

/** One function. Those inside it come on their own: they do not see its names. */
class Body {
  private scopes: Map<string, Name>[] = [];
  private proofs: readonly Proof[] = [];
  private readonly proven = new Set<Node>();
  private readonly arrays: ReadonlySet<string>;
  private readonly isHttp: boolean;
  private readonly body: Node;

  constructor(body: Node, arrays: ReadonlySet<string>, isHttp: boolean) {
    this.body = body;
    this.arrays = arrays;
    this.isHttp = isHttp;
  }

  run({ signature }: asc.FunctionDeclaration): number {
    const body = this.body;
    this.inScope(() => {
      for (const { name, type } of signature.parameters) {
        this.declare(name.text, {
          isArray: this.isArrayType(type) && !writes(body, name.text),
          lengthOf: null,
        });
      }
      this.rewrite(body);
    });
    return this.proven.size;
  }

  private inScope(work: () => void): void {
    this.scopes.push(new Map());
    work();
    this.scopes.pop();
  }

  private declare(name: string, what: Name): void {
    this.scopes.at(-1)?.set(name, what);
  }

  private find(node: Node): Name | null {
    if (!(node instanceof asc.IdentifierExpression)) return null;
    return this.scopes.findLast((scope) => scope.has(node.text))?.get(node.text) ?? null;
  }

  /** Rewrites what is below a node, and returns what is to stand in its place. */
  private rewrite(node: Node): Node {
    if (node instanceof asc.FunctionExpression || node instanceof asc.DeclarationStatement) {
      if (node instanceof asc.DeclarationStatement) this.declare(node.name.text, OTHER);
    } else if (node instanceof asc.BlockStatement || node instanceof asc.SwitchCase) {
      this.inScope(() => this.below(node));
    } else if (node instanceof asc.SwitchStatement) this.inScope(() => this.cases(node));
    else if (node instanceof asc.VariableStatement) this.variables(node);
    else if (node instanceof asc.ForStatement) this.inScope(() => this.loop(node));
    else {
      const target = writtenBy(node);
      if (target) return this.write(node as asc.BinaryExpression | asc.UnaryExpression, target);
      this.below(node);
      if (node instanceof asc.ElementAccessExpression && this.isProven(node))
        return this.unchecked(node, node);
    }
    return node;
  }

  private below(node: Node): void {
    const fields = node as unknown as Record<string, unknown>;
    for (const [key, value] of Object.entries(fields)) {
      if (key === "range") continue;
      if (value instanceof asc.Node) fields[key] = this.rewrite(value);
      else if (Array.isArray(value)) {
        value.forEach((item, index) => {
          if (item instanceof asc.Node) value[index] = this.rewrite(item);
        });
      }
    }
  }

  /** To asc each case has names of its own, to TypeScript all cases share them: outside its case, a name may be either. */
  private cases(node: asc.SwitchStatement): void {
    for (const statement of node.cases.flatMap((it) => it.statements)) {
      if (!(statement instanceof asc.VariableStatement)) continue;
      for (const { name } of statement.declarations) this.declare(name.text, OTHER);
    }
    this.below(node);
  }

  private variables(statement: asc.VariableStatement): void {
    for (const declaration of statement.declarations) {
      const { initializer } = declaration;
      if (initializer) declaration.initializer = this.rewrite(initializer) as Expression;
      const isConstant = declaration.is(asc.CommonFlags.Const) || !writes(this.body, declaration.name.text);
      this.declare(declaration.name.text, {
        isArray: isConstant && this.isArray(declaration),
        lengthOf: isConstant && initializer ? this.arrayOfLength(initializer) : null,
      });
    }
  }

  private isArray({ type, initializer }: asc.VariableDeclaration): boolean {
    if (type) return this.isArrayType(type);
    if (initializer instanceof asc.NewExpression)
      return this.arrays.has(initializer.typeName.range.toString()) && !initializer.typeArguments?.length;
    return this.isHttp && isBodyBytes(initializer);
  }

  private isArrayType(type: asc.TypeNode): boolean {
    return type instanceof asc.NamedTypeNode && !type.isNullable && this.arrays.has(type.range.toString());
  }

  /** The array of `array.length`, or of a constant that is that; null for anything else. */
  private arrayOfLength(expression: Node): Name | null {
    if (expression instanceof asc.PropertyAccessExpression) {
      const array = expression.property.text === "length" ? this.find(expression.expression) : null;
      return array?.isArray ? array : null;
    }
    return this.find(expression)?.lengthOf ?? null;
  }

  private loop(loop: ForStatement): void {
    const { initializer } = loop;
    if (initializer) this.rewrite(initializer);
    const proof = initializer instanceof asc.VariableStatement ? this.prove(loop, initializer) : null;
    const before = this.proofs;
    if (proof) this.proofs = [...before, proof];
    if (loop.condition) loop.condition = this.rewrite(loop.condition) as Expression;
    loop.body = this.rewrite(loop.body) as asc.Statement;
    this.proofs = before;
    if (loop.incrementor) loop.incrementor = this.rewrite(loop.incrementor) as Expression;
  }

  /** What a loop shows about an index. Its bound is then read before the loop, which is the same: lengths do not change. */
  private prove(loop: ForStatement, start: asc.VariableStatement): Proof | null {
    const bound = boundOf(loop.condition);
    if (!bound || !(bound.left instanceof asc.IdentifierExpression)) return null;
    const counter = start.declarations.find(
      (it) => it.name.text === (bound.left as asc.IdentifierExpression).text,
    );
    const array = this.arrayOfLength(bound.right);
    const index = this.find(bound.left);
    if (!counter || !array || !index || !isCounter(counter) || !countsUp(loop, counter.name.text))
      return null;
    if (bound.right instanceof asc.PropertyAccessExpression) {
      // No name of the user's has this character.
      const name = asc.Node.createIdentifierExpression(`${counter.name.text}~end`, bound.right.range);
      start.declarations.push(
        asc.Node.createVariableDeclaration(name, null, counter.flags, null, bound.right, bound.right.range),
      );
      bound.right = asc.Node.createIdentifierExpression(name.text, bound.right.range);
    }
    return { array, index };
  }

  /** An assignment or a step whose target is `array[index]`: if that is proven, the whole stands in `unchecked`. */
  private write(node: asc.BinaryExpression | asc.UnaryExpression, target: Node): Node {
    if (target instanceof asc.ElementAccessExpression) this.below(target);
    // In anything else, parentheses for one, the target stays as it is: a call cannot be assigned to.
    if (node instanceof asc.BinaryExpression) node.right = this.rewrite(node.right) as Expression;
    if (!(target instanceof asc.ElementAccessExpression) || !this.isProven(target)) return node;
    const rest = node instanceof asc.BinaryExpression ? node.right : null;
    // What else it accesses would lose its check, too.
    return rest && accessesOther(rest, this.proven) ? node : this.unchecked(node, target);
  }

  private isProven({ expression, elementExpression }: asc.ElementAccessExpression): boolean {
    const array = this.find(expression);
    const index = this.find(elementExpression);
    return this.proofs.some((proof) => proof.array === array && proof.index === index);
  }

  private unchecked(node: Node, access: Node): CallExpression {
    this.proven.add(access);
    const name = asc.Node.createIdentifierExpression("unchecked", node.range);
    return asc.Node.createCallExpression(name, null, [node as Expression], node.range);
  }
}

function isBodyBytes(expression: Expression | null): boolean {
  if (!(expression instanceof asc.CallExpression)) return false;
  const method = expression.expression;
  if (!(method instanceof asc.PropertyAccessExpression) || method.property.text !== "bytes") return false;
  const body = method.expression;
  return (
    body instanceof asc.PropertyAccessExpression &&
    body.expression instanceof asc.ThisExpression &&
    BODIES.has(body.property.text)
  );
}

/** Whether anything is accessed by an index below a node that is not among these. */
function accessesOther(node: Node, proven: ReadonlySet<Node>): boolean {
  let found = false;
  walk(node, (below) => {
    if (below instanceof asc.ElementAccessExpression && !proven.has(below)) found = true;
  });
  return found;
}
