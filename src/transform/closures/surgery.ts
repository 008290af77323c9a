// Turns one callback that captures into an object: its body moves into a method, what it captures becomes fields.
import * as asc from "assemblyscript";
import type { Expression, FunctionDeclaration, Range, Source, Statement, TypeNode } from "assemblyscript";
import type { Diagnostics } from "../diagnostics.ts";
import { walk } from "../syntax.ts";
import type { Site } from "./analyzer.ts";
import { typeText, type CallbackMethod } from "./methods.ts";
import type { Files } from "./names.ts";
import { capturesOf } from "./refusals.ts";
import type { Reference, Unit, Variable } from "./scopes.ts";
import { HiddenNames } from "./snippet.ts";

/** The names of what one callback becomes, as words for {@link HiddenNames}. */
interface Parts {
  readonly body: string;
  readonly handler: string;
  readonly create: string;
  /** The type parameters for the captured values, and those with that of `this`, if it is used, before them. */
  readonly types: readonly string[];
  readonly allTypes: readonly string[];
  /** The fields of the handler for them, in the same way. */
  readonly values: readonly string[];
  readonly allValues: readonly string[];
}

/** Converts the callbacks of one file. */
export class Surgery {
  private readonly source: Source;
  private readonly files: Files;
  private readonly diagnostics: Diagnostics;
  private readonly names = new HiddenNames();
  /** The names that generated code needs from other files, by the paths of these. */
  private readonly imports = new Map<string, Set<string>>();
  private converted = 0;

  constructor(source: Source, files: Files, diagnostics: Diagnostics) {
    this.source = source;
    this.files = files;
    this.diagnostics = diagnostics;
  }

  /**
   * Adds the class of a callback's handler to the file, and returns the expression that makes a handler. The body is
   * moved as it is, into a method of the class whose `this` it uses or into a function, so that all names in it keep
   * their meaning. A captured value is passed under its own name, by a type parameter for which asc finds the type.
   */
  handler(site: Site, method: CallbackMethod): Expression {
    const { unit, callback } = site;
    const { range } = callback;
    const captures = [...capturesOf(site)];
    // With the file's path: a class may derive from one of another file, and must not override what is hidden there.
    const name = `~${this.source.internalPath}:${unit.outer?.name ?? ""}:${method.name}:${this.converted++}`;
    const parts = this.parts(name, unit, captures.length);
    this.addBody(
      parts,
      site,
      method,
      captures.map(([variable]) => variable),
    );
    this.addHandler(parts, site, method);
    return asc.Node.createCallExpression(
      asc.Node.createIdentifierExpression(`${name}:create`, range),
      null,
      [
        ...(unit.self ? [asc.Node.createThisExpression(range)] : []),
        ...captures.map(([variable, references]) => this.copyOf(variable, references, site)),
      ],
      range,
    );
  }

  /** The name by which this file knows a declaration of another one. */
  imported(name: string, path: string): string {
    const names = this.imports.get(path) ?? new Set();
    this.imports.set(path, names.add(name));
    return `~${path}:${name}`;
  }

  /** Adds the imports, when all callbacks are converted. */
  finish(): void {
    const range = Object.assign(new asc.Range(0, 0), { source: this.source });
    for (const [path, names] of this.imports) {
      const members = [...names].map((it) => `${it} as ${this.names.word(`~${path}:${it}`)}`);
      for (const statement of this.names.parse(`import { ${members.join(", ")} } from "./x";`, range)) {
        // The file as it is loaded already: a second one would have its own state.
        (statement as asc.ImportStatement).internalPath = path;
        this.source.statements.unshift(statement);
      }
    }
  }

  private parts(name: string, { self }: Unit, captures: number): Parts {
    const word = (text: string): string => this.names.word(text);
    const types = Array.from({ length: captures }, (_, i) => word(`~T${i}`));
    const values = Array.from({ length: captures }, (_, i) => word(`~${i}`));
    return {
      body: word(`${name}:body`),
      handler: word(`${name}:handler`),
      create: word(`${name}:create`),
      types,
      allTypes: self ? [word("~This"), ...types] : types,
      values,
      allValues: self ? [word("~this"), ...values] : values,
    };
  }

  private addBody(parts: Parts, site: Site, method: CallbackMethod, captures: readonly Variable[]): void {
    const { unit, callback } = site;
    const { range, declaration } = callback;
    const parameters = captures.map(({ name }, i) => `${this.names.word(name)}: ${parts.types[i]}`);
    const result = this.typeText(method.callback.returnType, method);
    const text = `${parts.body}${list(parts.types)}(${parameters.join(", ")}): ${result} {}`;
    const [holder] = this.names.parse(unit.self ? `class holder { ${text} }` : `function ${text}`, range);
    const target = (
      holder instanceof asc.ClassDeclaration ? holder.members[0] : holder
    ) as FunctionDeclaration;
    declaration.signature.parameters.forEach((parameter, i) => {
      const model = method.callback.parameters[i];
      if (model && asc.isTypeOmitted(parameter.type))
        parameter.type = this.type(this.typeText(model.type, method), parameter.range);
      target.signature.parameters.push(parameter);
    });
    if (!asc.isTypeOmitted(declaration.signature.returnType))
      target.signature.returnType = declaration.signature.returnType;
    target.body = asc.Node.createBlockStatement(
      [...constantsOf(unit, range), ...statementsOf(callback.declaration, result !== "void")],
      declaration.body?.range ?? range,
    );
    if (!unit.self || !unit.owner) unit.home.push(target);
    else {
      if (unit.owner.isGeneric) target.set(asc.CommonFlags.GenericContext);
      unit.owner.members.push(target);
    }
  }

  private addHandler(parts: Parts, { unit, callback }: Site, method: CallbackMethod): void {
    const { body, handler, create, types, allTypes, values, allValues } = parts;
    const base = this.names.word(this.imported(method.handler.name, method.handler.source.internalPath));
    const typed = allValues.map((it, i) => `${it}: ${allTypes[i]}`);
    const parameters = method.callback.parameters.map((it, i) => `p${i}: ${this.typeText(it.type, method)}`);
    const result = this.typeText(method.callback.returnType, method);
    const passed = [
      ...values.map((it) => `this.${it}`),
      ...callback.declaration.signature.parameters.map((_, i) => `p${i}`),
    ];
    const owner = unit.self ? `this.${allValues[0]}.` : "";
    const text = `class ${handler}${list(allTypes)} extends ${base} {
        constructor(${typed.map((it) => `public ${it}`).join(", ")}) { super(); }
        ${method.handler.method}(${parameters.join(", ")}): ${result} {
          ${result === "void" ? "" : "return "}${owner}${body}${list(types)}(${passed.join(", ")});
        }
      }
      function ${create}${list(allTypes)}(${typed.join(", ")}): ${handler}${list(allTypes)} {
        return new ${handler}${list(allTypes)}(${allValues.join(", ")});
      }`;
    const added = this.names.parse(text, callback.range);
    // What does not fit the type that the user has written is said at that place.
    const given = callback.declaration.signature.parameters;
    for (const statement of added) {
      walk(statement, (node) => {
        if (!(node instanceof asc.CallExpression)) return;
        node.args.slice(values.length).forEach((it, i) => (it.range = given[i]?.range ?? it.range));
      });
    }
    unit.home.push(...added);
  }

  /** The value that is copied, as the argument of the call that makes the handler. */
  private copyOf(
    variable: Variable,
    references: readonly Reference[],
    { notNull, callback }: Site,
  ): Expression {
    const { start, end, source } = references[0]?.identifier.range ?? callback.range;
    const range = Object.assign(new asc.Range(start, end), { source });
    const value = asc.Node.createIdentifierExpression(variable.name, range);
    this.diagnostics.noteCopies(references.map((it) => it.identifier.range));
    if (!notNull.has(variable) || variable.writes.length) return value;
    // asc would take the declared type; with '!' it takes what a condition around the call has shown.
    this.diagnostics.silence(asc.DiagnosticCode.Expression_is_never_null, range);
    return asc.Node.createAssertionExpression(asc.AssertionKind.NonNull, value, null, range);
  }

  /** A type of the library, with the names by which this file knows what it is made of. */
  private typeText(type: TypeNode, method: CallbackMethod): string {
    return typeText(type, (name) => {
      const found = this.files.find(name, method.source);
      if (!found) return name;
      return this.names.word(this.imported(found.declaration.name.text, found.source.internalPath));
    });
  }

  private type(text: string, range: Range): TypeNode {
    const [statement] = this.names.parse(`let x: ${text};`, range);
    const type = (statement as asc.VariableStatement).declarations[0]?.type;
    if (!type) throw new Error(`asc reads no type in '${text}'`);
    return type;
  }
}

function list(types: readonly string[]): string {
  return types.length ? `<${types.join(", ")}>` : "";
}

/** Declarations of the constants that a body uses: asc keeps no variable for them, so none could be passed. */
function constantsOf({ captured }: Unit, range: Range): Statement[] {
  const constants = new Set(captured.flatMap(({ variable }) => variable.inlined ?? []));
  return constants.size ? [asc.Node.createVariableStatement(null, [...constants], range)] : [];
}

/** The statements of a callback's body; an expression becomes one. */
function statementsOf({ body }: FunctionDeclaration, returns: boolean): Statement[] {
  if (body instanceof asc.BlockStatement) return body.statements;
  if (!body) return [];
  if (returns && body instanceof asc.ExpressionStatement)
    return [asc.Node.createReturnStatement(body.expression, body.range)];
  return [body];
}
