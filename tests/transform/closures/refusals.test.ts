// What callbacks that capture may not do: one sentence at the user's line, and the second place that belongs to it.
import { describe, expect, test } from "vitest";

import { compileOne } from "./run.ts";

/** A class with this method; `// !` marks the line of the message. */
function method(text: string): string {
  return `import { Caller } from "proxy-wasm-as/assembly/fake-library";
class A extends Caller {
  n: i32 = 0;
  run(p: i32): void {
${text}
  }
}
new A().run(1);
`;
}

const LOST = (name: string): string =>
  `A callback has a copy of '${name}', so what it assigns is lost: keep what changes in a field of 'this'.`;
const CHANGED = (name: string): string =>
  `'${name}' is changed after a callback has got a copy of it: copy it to a const before the call, or keep what changes in a field of 'this'.`;

/** A method's text, or a whole file; the sentence; the line of the second place. */
type Case = readonly [name: string, text: string, sentence: string];

const CASES: readonly Case[] = [
  ["an assignment in the callback", 'let n = p;\nthis.call("a", (r) => { n = r.status; }); // !', LOST("n")],
  ["++ in the callback", 'let n = p;\nthis.call("a", (r) => { n++; }); // !', LOST("n")],
  [
    "an assignment in a callback of the callback",
    'let n = p;\nthis.call("a", (r) => {\nthis.call("b", (r) => { n += 2; }); // !\n});',
    LOST("n"),
  ],
  [
    "an assignment after the call",
    'let n = p;\nthis.call("a", (r) => console.log(`${n}`));\nn = 3; // !',
    CHANGED("n"),
  ],
  ["-- after the call", 'this.call("a", (r) => console.log(`${p}`));\n--p; // !', CHANGED("p")],
  [
    "an assignment in a loop around both",
    'let k = p;\nfor (let i = 0; i < 3; i++) {\nk = i; // !\nthis.call("a", () => console.log(`${k}`));\n}',
    CHANGED("k"),
  ],
  [
    "an assignment at the head of a while loop around both",
    'let k = p;\nwhile (k++ < 3) { // !\nthis.call("a", () => console.log(`${k}`));\n}',
    CHANGED("k"),
  ],
  [
    "an assignment of a loop's variable behind the call",
    'for (let i = 0; i < 3; i++) {\nthis.call("a", () => console.log(`${i}`));\ni += 1; // !\n}',
    CHANGED("i"),
  ],
  [
    "a variable that is declared later",
    'this.call("a", () => console.log(late)); // !\nlet late = "x".concat("y");',
    "'late' is declared only after the callback is made, which gets a copy of it: declare it before.",
  ],
  [
    "the result of the call itself",
    'const id = this.call("a", () => console.log(`${id}`)); // !',
    "'id' has no value yet when the callback is made, which gets a copy of it: keep it in a field of 'this'.",
  ],
  [
    "a 'function'",
    'this.call("a", function (r) { console.log(`${p}`); }); // !',
    "A 'function' cannot use variables or 'this' from outside: write the callback of 'call' as an arrow function, as in '(...) => { ... }'.",
  ],
  [
    "too many parameters",
    'this.call("a", (self, r) => console.log(`${p}`)); // !',
    "The callback of 'call' has at most 1 parameter: take away 'r'.",
  ],
];

test.each(CASES)("%s is refused", async (_name, text, sentence) => {
  const { messages } = await compileOne(method(text));
  expect(messages).toEqual([
    { severity: "error", text: sentence, file: "assembly/index.ts", line: expect.stringMatching(/\/\/ !$/) },
  ]);
});

const WHOLE: readonly Case[] = [
  [
    "a type parameter of the function around",
    'function f<T>(caller: Caller, v: T): void {\n  caller.call("a", () => { const w: T = v; }); // !\n}\nf<i32>(new Caller(), 1);',
    "A callback cannot use the type parameter 'T' of the function around it: give it to the class, or move the call into a function of its own for each type.",
  ],
  [
    "'this' in a static method",
    'class A extends Caller { n: i32 = 0;\n  static f(caller: Caller): void {\n    caller.call("a", () => console.log(`${this.n}`)); // !\n  }\n}\nA.f(new Caller());',
    "A static method has no 'this': pass the object as a parameter.",
  ],
  [
    "'this' in a function",
    'function f(caller: Caller): void {\n  caller.call("a", () => console.log(`${this.n}`)); // !\n}\nf(new Caller());',
    "'this' of a 'function' is no object of a class: write a method, or pass the object as a parameter.",
  ],
  [
    "'this' in a function inside a method",
    'class A extends Caller { n: i32 = 0;\n  f(): void {\n    const f = function (caller: Caller): void {\n      caller.call("a", () => console.log(`${this.n}`)); // !\n    };\n    f(this);\n  }\n}\nnew A().f();',
    "'this' of a 'function' is no object of a class: write a method, or pass the object as a parameter.",
  ],
];

test.each(WHOLE)("%s is refused", async (_name, text, sentence) => {
  const { messages } = await compileOne(
    `import { Caller } from "proxy-wasm-as/assembly/fake-library";\n${text}\n`,
  );
  expect(messages).toEqual([
    { severity: "error", text: sentence, file: "assembly/index.ts", line: expect.stringMatching(/\/\/ !$/) },
  ]);
});

test("a message names the second place", async () => {
  const { printed } = await compileOne(
    method('let n = p;\nthis.call("a", () => console.log(`${n}`));\nn = 3;'),
  );
  expect(printed).toContain("in assembly/index.ts(7,1)");
  expect(printed).toContain("in assembly/index.ts(6,16)");
});

const ALLOWED: readonly (readonly [name: string, text: string])[] = [
  ["an assignment before the call", 'let n = p;\nn += 1;\nthis.call("a", () => console.log(`${n}`));'],
  ["the counter of a for loop", 'for (let i = 0; i < 3; i++) this.call("a", () => console.log(`${i}`));'],
  [
    "an assignment in the other branch",
    'let n = p;\nif (p) {\nthis.call("a", () => console.log(`${n}`));\n} else {\nn = 2;\n}',
  ],
  [
    "an assignment behind a branch that ends with return",
    'let n = p;\nif (p) {\nthis.call("a", () => console.log(`${n}`));\nreturn;\n}\nn = 2;',
  ],
  [
    "an assignment to a variable of the same name",
    'const n = p;\nthis.call("a", () => { console.log(`${n}`); { let n = 1; n = 2; } });\n{ let n = 1; n = 2; }',
  ],
  ["an assignment to a variable of the callback", 'this.call("a", () => { let n = p; n++; this.n = n; });'],
  ["a field that changes", 'const self = this;\nthis.call("a", () => { self.n++; });\nself.n = 2;'],
];

describe("allowed:", () => {
  test.each(ALLOWED)("%s", async (_name, text) => {
    expect((await compileOne(method(text))).messages).toEqual([]);
  });
});
