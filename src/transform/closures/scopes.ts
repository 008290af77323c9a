// Local names of a file: which variable an identifier means, in which function it stands, and where it is assigned.
import type {
  ClassDeclaration,
  DeclarationStatement,
  Expression,
  Node,
  Statement,
  VariableDeclaration,
} from "assemblyscript";
import type { IdentifierExpression } from "assemblyscript";

/** A function, method, accessor, arrow or field initializer: what has local names of its own. */
export interface Unit {
  readonly kind: "method" | "field" | "function" | "arrow";
  /** Its name; empty for an arrow. */
  readonly name: string;
  /** The function whose local names it sees; only arrows and local functions have one. */
  readonly outer: Unit | null;
  /** The class in whose text it stands. */
  readonly owner: ClassDeclaration | null;
  /** The statements of the namespace or file in which it stands, and that can take further declarations. */
  readonly home: Statement[];
  readonly isStatic: boolean;
  readonly typeParameters: ReadonlySet<string>;
  /** References from inside it, and from inside what it contains, to variables of functions around it. */
  readonly captured: Reference[];
  /** The names in its types, and in those of what it contains. */
  readonly typeNames: Set<string>;
  /** The first `this` or `super` in it that means the object of a method around it. */
  self: Node | null;
}

/** Where in the flow of its function a node stands. */
export interface Place {
  /** The loops around it, outermost first. */
  readonly loops: readonly Node[];
  /** The branches and blocks around it, outermost first. */
  readonly blocks: readonly Block[];
}

/** A list of statements, or one branch of an `if`. */
export interface Block {
  /** The `if` of which it is a branch; the block itself otherwise. */
  readonly statement: object;
  /** Whether control never leaves it at its end. */
  readonly leaves: boolean;
}

/** A local variable, parameter or local function. */
export interface Variable {
  readonly name: string;
  readonly identifier: IdentifierExpression;
  readonly kind: "variable" | "parameter" | "function";
  readonly initializer: Expression | null;
  /** The declaration, if asc puts the value in its place: a function inside then sees it without a copy. */
  readonly inlined: VariableDeclaration | null;
  /** The function it belongs to; null in a block of top-level code. */
  readonly unit: Unit | null;
  readonly place: Place;
  readonly writes: Reference[];
}

export interface Reference {
  readonly identifier: IdentifierExpression;
  readonly variable: Variable;
  readonly unit: Unit | null;
  readonly place: Place;
}

/** The names of a block, and of the blocks around it up to the outermost function. */
export class Scope {
  private readonly names = new Map<string, Variable>();
  private readonly outer: Scope | null;

  constructor(outer: Scope | null) {
    this.outer = outer;
  }

  declare(variable: Variable): void {
    this.names.set(variable.name, variable);
  }

  find(name: string): Variable | null {
    return this.names.get(name) ?? this.outer?.find(name) ?? null;
  }
}

/** A new function, before anything in it has been looked at. */
export function createUnit(from: {
  readonly kind: Unit["kind"];
  readonly declaration: DeclarationStatement;
  readonly outer: Unit | null;
  readonly owner: ClassDeclaration | null;
  readonly home: Statement[];
  readonly isStatic: boolean;
  readonly typeParameters: readonly string[];
}): Unit {
  const { kind, declaration, outer, owner, home, isStatic, typeParameters } = from;
  return {
    kind,
    name: declaration.name.text,
    outer,
    owner,
    home,
    isStatic,
    typeParameters: new Set(typeParameters),
    captured: [],
    typeNames: new Set(),
    self: null,
  };
}
