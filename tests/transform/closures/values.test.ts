// Callbacks that capture, converted, compiled and run: every kind of value, scope, nesting and receiver.
import { beforeAll, expect, test } from "vitest";

import { program, run } from "./run.ts";

let logged: Record<string, string[]>;

beforeAll(async () => {
  logged = await run(program(["values", "scopes", "nested", "child", "foreign"]));
}, 120_000);

test("a value of every kind is there, with its type, and objects are shared", () => {
  expect(logged.values).toEqual([
    "secret alice ? 2 1",
    "5",
    "true 11.5 0.5 1099511627776 200 9 -3 42 10",
    "3 10 2 3 10 true",
    "7 42 101 9 7 6 boxed text",
    "helper 3 module 1 200 body 0",
    "String bool f64 u8 Point Box<~lib/string/String>",
    "true false base filter",
    "4 30 8 1",
  ]);
});

test("a name means in a callback what it means around it", () => {
  expect(logged.scopes).toEqual([
    "5",
    "field 0",
    "constructor 0",
    "loop 0 0",
    "loop 1 1",
    "block inner",
    "own shadow 99",
    "own bob",
    "parameter 206 0",
    "literal bob 5 3,6",
    "constant 5",
    "switch fivebob",
    "if 5 bob",
    "types bob own class of that name",
    "value bob",
    "function bob",
    "cast bob",
    "other object bob 0",
    "static 8",
    "getter 5 0",
    "service namespace 1 2",
    "free key namespace",
    "generic 3 4 i32",
    "generic s e String",
    "top topblock",
    "nested constant 5",
  ]);
});

test("callbacks in callbacks have what all around them have, may return values, and know what a condition has shown", () => {
  expect(logged.nested).toEqual([
    "false",
    "-s-s0 -s",
    "4 4",
    "4 4",
    "4",
    "2",
    "4",
    "other",
    "two ann body 0! 200 207 210 1",
    "three ann body 0! body 7 body 8 null",
  ]);
});

test("a class does not override the callbacks of one in another file from which it derives", () => {
  expect(logged.child).toEqual(["parent n", "child n"]);
});

test("methods that only have the name of one of the library stay what they are", () => {
  expect(logged.foreign).toEqual(["8", "7", "5", "13", "own 5", "2", "further 6", "2"]);
});
