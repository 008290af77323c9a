// Reads test vectors in YAML into the same syntax tree as the text format.
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from "yaml";
import { MAX_DEPTH } from "./syntax-tree.ts";
import { SuiteError } from "./suite-error.ts";
import { toByteString } from "../host/byte-string.ts";
import type { BlockNode, EntryNode, Node } from "./syntax-tree.ts";
import type { Document } from "yaml";
import type { Place } from "./suite.ts";

/** Aliases can make a small file mean a huge one; what means more than this is refused. */
const MAX_NODES = 200_000;

/**
 * Parses a file in YAML: the field names of the text format, messages as mappings, repeated fields as sequences. All
 * values are taken as they are written, so `value: 200` and `value: "200"` are the same; `!!binary` gives bytes.
 *
 * @throws SuiteError with the place of what is wrong.
 */
export function parseYaml(text: string): BlockNode {
  const lineCounter = new LineCounter();
  // The failsafe schema knows strings only: what they mean is said by the schema of the vectors.
  const document = parseDocument(text, { schema: "failsafe", lineCounter, prettyErrors: false });
  const [error] = document.errors;
  if (error !== undefined) throw new SuiteError(error.message, placeAt(lineCounter, error.pos[0]), "", error);
  const root = new YamlTree(document, lineCounter).convert(document.contents, { line: 1, column: 1 }, 0);
  if (root.kind === "block") return root;
  if (root.kind === "scalar" && root.bytes === "") return { kind: "block", place: root.place, entries: [] };
  throw new SuiteError('the file must be a mapping with the keys "env" and "test"', root.place);
}

function placeAt(lines: LineCounter, offset: number): Place {
  const { line, col } = lines.linePos(offset);
  return { line: Math.max(line, 1), column: Math.max(col, 1) };
}

class YamlTree {
  readonly #document: Document.Parsed;
  readonly #lines: LineCounter;
  #nodes = 0;

  constructor(document: Document.Parsed, lines: LineCounter) {
    this.#document = document;
    this.#lines = lines;
  }

  convert(node: unknown, outer: Place, depth: number): Node {
    const place = this.#place(node, outer);
    if (++this.#nodes > MAX_NODES || depth > MAX_DEPTH)
      throw new SuiteError("this is nested too deeply, or aliases make it too large", place);
    if (isAlias(node)) {
      const target = node.resolve(this.#document);
      if (target === undefined) throw new SuiteError(`there is no anchor &${node.source}`, place);
      return this.convert(target, place, depth + 1);
    }
    if (isMap(node)) {
      const entries = node.items.map(({ key, value }): EntryNode => {
        const at = this.#place(key, place);
        if (!isScalar(key)) throw new SuiteError("a key must be the name of a field", at);
        return { name: String(key.value), place: at, value: this.convert(value, at, depth + 1) };
      });
      return { kind: "block", place, entries };
    }
    if (isSeq(node)) {
      const items = node.items.map((item) => this.convert(item, place, depth + 1));
      return { kind: "list", place, items };
    }
    // The parser decodes `!!binary`; an absent value is an empty text.
    const value = isScalar(node) ? node.value : null;
    const bytes = typeof value === "string" || value instanceof Uint8Array ? toByteString(value) : "";
    return { kind: "scalar", place, form: "any", bytes };
  }

  #place(node: unknown, outer: Place): Place {
    const range = isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range : null;
    return range ? placeAt(this.#lines, range[0]) : outer;
  }
}
