// Names of packages: which npm takes, and what becomes of those that it does not.
import { describe, expect, test } from "vitest";

import { baseName, nameProblem, toName } from "../../src/init/index.ts";

test.each(["my-filter", "a", "0day", "x.y", "x_y", "x~y", "-x", "@acme/edge", "@a.b-c/x_1", "a".repeat(214)])(
  "%s is a name",
  (name) => expect(nameProblem(name)).toBeNull(),
);

test.each([
  ["", "it is empty"],
  ["a".repeat(215), "it is longer than 214 characters"],
  ["node_modules", "that name is taken"],
  ["proxy-wasm-as", "that name is taken"],
  ["assemblyscript", "that name is taken"],
  ["My-Filter", "it has capital letters"],
  ["my filter", "it may only have letters"],
  [".hidden", "it may only have letters"],
  ["_private", "it may only have letters"],
  ["a/b", "it may only have letters"],
  ["@acme", "it may only have letters"],
  ["@acme/", "it may only have letters"],
  ["@acme/.a", "it may only have letters"],
  ["größe", "it may only have letters"],
  ["a\nb", "it may only have letters"],
  ["'$(x)'", "it may only have letters"],
])("%j is none", (name, problem) => {
  expect(nameProblem(name)).toMatch(new RegExp(`^${problem}`));
});

describe("a text becomes a name as near to it as can be", () => {
  test.each([
    ["my-filter", "my-filter"],
    ["My Filter!", "my-filter"],
    ["Größe", "große".normalize("NFKD").replace(/\p{M}/gu, "").replace("ß", "-")],
    ["  a  b  ", "a-b"],
    ["...", "my-filter"],
    ["過濾器", "my-filter"],
    ["", "my-filter"],
    [".config", "config"],
    ["_a_", "a"],
    ["@Acme/Edge Filter", "@acme/edge-filter"],
    ["a/b/c", "a-b-c"],
    ["proxy-wasm-as", "proxy-wasm-as-filter"],
    ["node_modules", "node_modules-filter"],
    ["x".repeat(300), "x".repeat(214)],
  ])("%j", (text, name) => {
    expect(toName(text)).toBe(name);
    expect(nameProblem(toName(text))).toBeNull();
  });
});

test("files are named after a package without its scope", () => {
  expect([baseName("@acme/edge"), baseName("edge")]).toEqual(["edge", "edge"]);
});
