// Makes messages of a syntax tree, by the schema.
import { LOG_LEVEL_NAMES, SCHEMA, isMessageType } from "./schema.ts";
import { SuiteError } from "./suite-error.ts";
import { toBytes, toText } from "../host/byte-string.ts";
import type { BlockNode, EntryNode, Node, ScalarNode } from "./syntax-tree.ts";
import type { Field, MessageType, ScalarType } from "./schema.ts";
import type { Place, TestSuite } from "./suite.ts";

type Value = string | boolean | number | bigint | BuiltMessage;
interface BuiltMessage {
  place: Place;
  [field: string]: Value | Value[] | Place;
}

/** Smallest and largest value of each integer type. */
const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  int32: [-(2n ** 31n), 2n ** 31n - 1n],
  uint32: [0n, 2n ** 32n - 1n],
  int64: [-(2n ** 63n), 2n ** 63n - 1n],
  uint64: [0n, 2n ** 64n - 1n],
};
const ZEROS: Readonly<Record<string, Value>> = { string: "", bytes: "", bool: false };
const BOOLS: Readonly<Record<string, boolean>> = {
  true: true,
  True: true,
  t: true,
  1: true,
  false: false,
  False: false,
  f: false,
  0: false,
};

/** The suite that the tree of a file means. */
export function buildSuite(root: BlockNode): TestSuite {
  return buildMessage("TestSuite", root) as unknown as TestSuite;
}

function buildMessage(type: MessageType, node: BlockNode): BuiltMessage {
  const fields = SCHEMA[type];
  const message: BuiltMessage = { place: node.place };
  const given = new Map<string, string>();
  for (const entry of node.entries) {
    const field = Object.hasOwn(fields, entry.name) ? fields[entry.name] : undefined;
    if (field === undefined)
      throw new SuiteError(
        `${type} has no field "${entry.name}"; it has ${Object.keys(fields).join(", ")}`,
        entry.place,
      );
    const key = camelCase(entry.name);
    if (field.presence === "repeated") {
      const values = (message[key] ??= []) as Value[];
      const items = entry.value.kind === "list" ? entry.value.items : [entry.value];
      for (const item of items) values.push(buildValue(field, entry, item));
      continue;
    }
    const other = given.get(field.oneof ?? entry.name);
    if (other !== undefined)
      throw new SuiteError(
        other === entry.name
          ? `the field "${entry.name}" of ${type} is given twice`
          : `the fields "${other}" and "${entry.name}" of ${type} exclude each other`,
        entry.place,
      );
    given.set(field.oneof ?? entry.name, entry.name);
    message[key] = buildValue(field, entry, entry.value);
  }
  for (const [name, field] of Object.entries(fields)) {
    if (field.presence === "repeated") message[camelCase(name)] ??= [];
    else if (field.presence === "plain") message[camelCase(name)] ??= ZEROS[field.type]!;
  }
  return message;
}

function buildValue(field: Field, entry: EntryNode, node: Node): Value {
  if (node.kind === "list")
    throw new SuiteError(`the field "${entry.name}" takes one value, not a list`, node.place);
  if (isMessageType(field.type)) {
    if (node.kind === "block") return buildMessage(field.type, node);
    throw new SuiteError(
      `the field "${entry.name}" takes a message of type ${field.type}; write {} for an empty one`,
      node.place,
    );
  }
  if (node.kind === "block")
    throw new SuiteError(`the field "${entry.name}" takes a ${field.type}, not a message`, node.place);
  return readScalar(field.type, entry.name, node);
}

function readScalar(type: ScalarType, name: string, node: ScalarNode): Value {
  const text = toText(node.bytes);
  const wrong = (wanted: string): SuiteError =>
    new SuiteError(
      `the field "${name}" takes ${wanted}, not ${node.form === "quoted" ? "a string" : `"${text}"`}`,
      node.place,
    );
  if (type === "string" || type === "bytes") {
    if (node.form === "word") throw wrong("a string in quotes");
    if (type === "bytes") return node.bytes;
    if (!toBytes(node.bytes).equals(Buffer.from(text)))
      throw new SuiteError(`the field "${name}" is text, but its bytes are not UTF-8`, node.place);
    return text;
  }
  if (node.form === "quoted") throw wrong(type === "LogLevel" ? "the name of a log level" : `a ${type}`);
  if (type === "bool") {
    const value = Object.hasOwn(BOOLS, text) ? BOOLS[text] : undefined;
    if (value === undefined) throw wrong("true or false");
    return value;
  }
  if (type === "LogLevel") {
    const level = (LOG_LEVEL_NAMES as readonly string[]).includes(text)
      ? text
      : LOG_LEVEL_NAMES[/^\d$/.test(text) ? Number(text) : -1];
    if (level === undefined) throw wrong(`one of ${LOG_LEVEL_NAMES.join(", ")}`);
    return level;
  }
  const value = readInteger(text);
  const [smallest, largest] = RANGES[type]!;
  if (value === null || value < smallest || value > largest)
    throw wrong(`a ${type} (a whole number from ${smallest} to ${largest})`);
  return type.endsWith("64") ? value : Number(value);
}

/** Decimal, `0x` hexadecimal or `0` octal, as the text format has them; null for anything else. */
function readInteger(text: string): bigint | null {
  const [, sign, digits = ""] = /^(-?)(0[xX][0-9A-Fa-f]+|0[0-7]*|[1-9][0-9]*)$/.exec(text) ?? [];
  if (digits === "") return null;
  const magnitude = BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
  return sign === "-" ? -magnitude : magnitude;
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}
