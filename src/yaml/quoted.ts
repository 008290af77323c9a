// YAML that no reader takes for something else: every string quoted, and comments where they belong.
import { Document, isCollection, isMap, isScalar, visit } from "yaml";

// Words that a YAML 1.1 reader takes for a boolean or null, also as a key.
const RESERVED = /^(y|n|yes|no|on|off|true|false|null|nan|inf)$/i;

/** A comment before a key or a list item, given by its path; skipped if there is nothing at the path. */
export type YamlComment = readonly [path: readonly (string | number)[], text: string];

/** Comments of a document; a text may have several lines. */
export interface YamlComments {
  /** At the top, before everything. */
  readonly head?: string;
  readonly before?: readonly YamlComment[];
}

/**
 * YAML text of a plain object. Every string value is quoted, and every key that could be read as something else: a
 * string such as `n`, `on` or `1.0` never turns into a boolean or a number.
 */
export function quotedYaml(value: unknown, comments: YamlComments = {}): string {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Pair(_, pair) {
      const { key } = pair;
      if (!isScalar(key) || typeof key.value !== "string") return;
      if (/^[a-z][a-zA-Z0-9_]*$/.test(key.value) && !RESERVED.test(key.value)) key.type = "PLAIN";
    },
  });
  if (comments.head !== undefined) document.commentBefore = asComment(comments.head);
  for (const [path, text] of comments.before ?? []) comment(document, path, text);
  return document.toString({
    defaultStringType: "QUOTE_DOUBLE",
    // One line per string, however long and whatever it holds: folding has rules that readers disagree on.
    doubleQuotedAsJSON: true,
    lineWidth: 0,
  });
}

function comment(document: Document, path: readonly (string | number)[], text: string): void {
  const last = path.at(-1);
  const parent: unknown = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  if (!isCollection(parent)) return;
  const node: unknown = isMap(parent)
    ? parent.items.find(({ key }) => isScalar(key) && key.value === last)?.key
    : parent.items[last as number];
  if (isScalar(node) || isCollection(node)) node.commentBefore = asComment(text);
}

function asComment(text: string): string {
  return text
    .split("\n")
    .map((line) => (line === "" ? "" : ` ${line}`))
    .join("\n");
}
