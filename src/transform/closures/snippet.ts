// Declarations from text: names that no user can write, and every position that of the user's own code.
import * as asc from "assemblyscript";
import type { Node, Range, Statement } from "assemblyscript";
import { walk } from "../syntax.ts";

/** Names for generated code. In text they stand as words; in the tree they become what they are. */
export class HiddenNames {
  private readonly names: string[] = [];

  /** The word for a name. What begins with `~` cannot be a name of the user's. */
  word(name: string): string {
    const known = this.names.indexOf(name);
    return `$$${known < 0 ? this.names.push(name) - 1 : known}`;
  }

  /** Parses text; every node of it gets the position `range`. */
  parse(text: string, range: Range): Statement[] {
    const parser = new asc.Parser();
    parser.parseFile(text, "callback.ts", false);
    const [source] = parser.sources;
    if (!source || parser.diagnostics.length)
      throw new Error(`asc cannot read '${text}': ${parser.diagnostics.map(String).join(" ")}`);
    for (const statement of source.statements) walk(statement, (node) => this.finish(node, range));
    return source.statements;
  }

  private finish(node: Node, range: Range): void {
    node.range = range;
    if (!(node instanceof asc.IdentifierExpression)) return;
    const number = /^\$\$(\d+)$/.exec(node.text)?.[1];
    if (number !== undefined) node.text = this.names[Number(number)] ?? node.text;
  }
}
