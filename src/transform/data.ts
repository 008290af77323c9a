// Numbers and bytes as expressions of asc's syntax tree.
import * as asc from "assemblyscript";
import type { Expression, IntegerLiteralExpression, Range } from "assemblyscript";

/** Whether data can be written into a source. It needs asc's own `memory`; a file with that word may mean another. */
export function canHoldData(range: Range): boolean {
  return !/\bmemory\b/.test(range.source.text);
}

/** The address and the length of a text in UTF-8 that stands in the module: `memory.data<u8>([...])` and a number. */
export function utf8(text: string, range: Range): [address: Expression, length: Expression] {
  const bytes = [...Buffer.from(text)];
  if (!bytes.length) return [integer(0, range), integer(0, range)];
  return [data(bytes, range), integer(bytes.length, range)];
}

/** The address of bytes that stand in the module. */
export function data(bytes: readonly number[], range: Range): Expression {
  const memoryData = asc.Node.createPropertyAccessExpression(
    asc.Node.createIdentifierExpression("memory", range),
    asc.Node.createIdentifierExpression("data", range),
    range,
  );
  const u8 = asc.Node.createNamedType(asc.Node.createSimpleTypeName("u8", range), null, false, range);
  const values = asc.Node.createArrayLiteralExpression(
    bytes.map((byte) => integer(byte, range)),
    range,
  );
  return asc.Node.createCallExpression(memoryData, [u8], [values], range);
}

/** asc keeps 64-bit numbers as objects, which a global function of its own makes. */
type Integer = IntegerLiteralExpression["value"];

export function integer(value: number, range: Range): Expression {
  const { i64_new } = globalThis as unknown as { i64_new: (low: number, high: number) => Integer };
  return asc.Node.createIntegerLiteralExpression(i64_new(value, 0), range);
}
