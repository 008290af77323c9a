// RE2 expressions as JavaScript runs them: what matches as a whole, and what is refused.
import { describe, expect, it } from "vitest";

import { compileRe2, translateRe2 } from "../../src/conformance/re2.ts";
import { toByteString } from "../../src/host/byte-string.ts";

const matches = (pattern: string, text: string | Uint8Array): boolean =>
  compileRe2(pattern)(toByteString(text));

describe("a full match", () => {
  it.for([
    // The whole element, not a part of it.
    ["", [""], ["a"]],
    ["a", ["a"], ["ab", "ba", "a\n"]],
    ["a|bc", ["a", "bc"], ["abc", "ac"]],
    ["^a$", ["a"], ["\na", "a\n"]],
    ["(?m)^a$\\n^b$", ["a\nb"], ["a", "ab"]],
    ["\\Aa\\z", ["a"], ["a\n"]],
    // Dots stop at line feeds alone.
    ["a.b", ["a b", "a\rb", "a\u2028b", "aéb", "a😀b"], ["a\nb", "ab"]],
    ["(?s)a.b", ["a\nb", "a b"], ["ab"]],
    ["(?s:.).", ["\na"], ["a\n"]],
    ["a(?s).(?-s).", ["a\nb"], ["ab\n"]],
    ["[\\s\\S]*", ["", "a\nb\r\u2028"], []],
    // ASCII classes.
    ["\\d+", ["0123456789"], ["٣", ""]],
    ["\\s+", [" \t\n\f\r"], ["\v", "\u00a0", "\u2003"]],
    ["\\S+", ["\v\u00a0é"], [" "]],
    ["\\w+", ["aZ_09"], ["é", "-"]],
    ["\\W+", ["é-\u2028"], ["_"]],
    ["[[:xdigit:]]+", ["09afAF"], ["g", ""]],
    ["[[:^alpha:][:punct:]x]+", ["1 é-x"], ["y"]],
    ["[^[:space:]]", ["\u00a0"], ["\v", " "]],
    ["[]a]+", ["]a"], ["b"]],
    ["[^]a]", ["b"], ["]", "a"]],
    ["[a\\-c-]+", ["a-c"], ["b"]],
    ["[\\d-z]+", ["1-z"], ["y"]],
    ["[\\x00-\\x{ff}]+", ["\0é"], ["Ā"]],
    ["\\p{Greek}\\pN\\P{L}[^\\pL]", ["α1--"], ["a1--", "α1-a"]],
    ["\\p{^Greek}\\PL", ["a1"], ["α1"]],
    // Escapes and literals.
    ["\\Qa.b*\\E+", ["a.b*", "a.b**"], ["axb"]],
    ["\\Q(", ["("], []],
    ["\\x41\\x{1F600}\\101\\07\\.\\_\\ \\/", ["A😀A\x07._ /"], []],
    ["\\a\\f\\t\\n\\r\\v", ["\x07\f\t\n\r\v"], []],
    ["{a}{,2}a{x}]}", ["{a}{,2}a{x}]}"], []],
    ["é{2}(ü)?", ["éé", "ééü"], ["é"]],
    ["\\bfoo\\b.*\\Bo", ["foo bo"], ["fooo bo", "foo o"]],
    // Repetitions, greedy or not, and groups of all kinds.
    ["a{2}b{1,2}?c{0,}d??", ["aab", "aabbccd"], ["ab", "aabbb"]],
    ["(a)(?:b)(?P<x>c)(?<y>d)()", ["abcd"], ["abc"]],
    ["(?U)a+", ["aaa"], []],
    ["^*\\b?a", ["a"], []],
    // Without regard to case, for ASCII, up to the end of the group.
    ["(?i)AbC", ["abc", "ABC"], []],
    ["(?i)k[r-t]", ["\u212aſ", "KS"], ["ka"]],
    ["a(?i:b)c", ["aBc"], ["ABc", "aBC"]],
    ["(?i)[^a]", ["b"], ["A"]],
    ["(?i)日本", ["日本"], []],
  ] as const)("of %s", ([pattern, good, bad]) => {
    for (const text of good) expect([text, matches(pattern, text)]).toEqual([text, true]);
    for (const text of bad) expect([text, matches(pattern, text)]).toEqual([text, false]);
  });

  it("is never one of bytes that are not UTF-8", () => {
    for (const pattern of [".*", "(?s).*", "[^a]*", "\\W*"])
      expect(matches(pattern, Uint8Array.of(0x61, 0xff))).toBe(false);
  });

  it("does not depend on what was matched before", () => {
    const full = compileRe2("a+");
    expect([full("aa"), full("aa"), full("b"), full("a")]).toEqual([true, true, false, true]);
  });
});

describe("a refusal", () => {
  it.for([
    ["(?=a)", "RE2 has no lookahead or lookbehind"],
    ["(?!a)", "RE2 has no lookahead or lookbehind"],
    ["(?<=a)", "RE2 has no lookahead or lookbehind"],
    ["(?<!a)", "RE2 has no lookahead or lookbehind"],
    ["(a)\\1", "RE2 has no backreference \\1"],
    ["(?P=x)", 'there is no such group "(?"'],
    ["(?x)a", 'there is no such group "(?"'],
    ["(?>a)", 'there is no such group "(?"'],
    ["(?P<x>a)(?P<x>b)", "two groups are called x"],
    ["\\C", "\\C, a single byte, has no equal in JavaScript"],
    ["\\q", "there is no escape \\q in RE2"],
    ["\\Z", "there is no escape \\Z in RE2"],
    ["a\\", "it ends with a backslash"],
    ["\\x4", "\\x needs two hexadecimal digits or {1F600}"],
    ["\\x{110000}", "\\x needs two hexadecimal digits or {1F600}"],
    ["*a", 'there is nothing that "*" could repeat'],
    ["(+)", 'there is nothing that "+" could repeat'],
    ["|{2}", 'there is nothing that "{" could repeat'],
    ["a**", "a repetition follows *, which is one already"],
    ["a+?{2}", "a repetition follows +?, which is one already"],
    ["a{1001}", "RE2 repeats at most 1000 times, not 1001"],
    ["a{2,1}", "{2,1} ends before it begins"],
    ["(a", 'a "(" is never closed'],
    ["a)", 'there is a ")" without a "("'],
    ["[a", 'a "[" is never closed'],
    ["[", 'a "[" is never closed'],
    ["[a-", 'a "[" is never closed'],
    ["[z-a]", "a range of characters ends before it begins"],
    ["[a-\\d]", "there is no escape \\d in RE2"],
    ["[[:nope:]]", "there is no class [:nope:]"],
    ["\\p{Nope}", "there is no Unicode class Nope"],
    ["\\p1", "\\p needs a letter or a name in braces"],
    ["(?i)é", "a character has no simple other case"],
    ["(?i)[à-é]", "a range outside ASCII cannot be translated for matching without regard to case"],
    ["(?i)\\p{Lu}", "\\p{Lu} cannot be translated for matching without regard to case"],
  ])("of %s says why", ([pattern, reason]) => {
    expect(() => translateRe2(pattern!)).toThrow(`${reason}, in /${pattern}/`);
  });
});
