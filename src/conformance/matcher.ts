// String matchers: a whole element equals bytes, or matches an expression.
import { compileRe2 } from "./re2.ts";
import { diffElements, diffLines, printable } from "./diff.ts";
import { toByteString } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { StringMatcher } from "./suite.ts";
import type { SuiteFiles } from "./suite-files.ts";

/** Why a matcher is not satisfied. */
export interface Mismatch {
  readonly message: string;
  readonly expected: string | null;
  readonly actual: string | null;
  readonly diff: readonly string[];
}

/** What the elements are, for messages: "line logged", "header". */
export interface ElementKind {
  /** One of them. */
  readonly one: string;
  /** That there are none. */
  readonly none: string;
}

interface Compiled {
  readonly matches: (element: ByteString) => boolean;
  readonly described: string;
  /** The bytes to be equal to, if it is not an expression. */
  readonly bytes: ByteString | null;
}

/** Checks a matcher against a list of elements. Null if it is satisfied. */
export function checkMatcher(
  matcher: StringMatcher,
  elements: readonly ByteString[],
  kind: ElementKind,
  files: SuiteFiles,
): Mismatch | null {
  const compiled = compile(matcher, files);
  if (typeof compiled === "string") return { message: compiled, expected: null, actual: null, diff: [] };
  const { described, bytes } = compiled;
  const match = elements.find((element) => compiled.matches(element));
  if (matcher.invert) {
    if (match === undefined) return null;
    return {
      message: `a ${kind.one} matches that must not`,
      expected: `no ${kind.one} ${described}`,
      actual: printable(match),
      diff: diffElements(`(no ${kind.one} ${described})`, [match], kind.none),
    };
  }
  if (match !== undefined) return null;
  const [only] = elements;
  return {
    message: elements.length === 0 ? `there is no ${kind.one}` : `no ${kind.one} matches`,
    expected: described,
    actual: elements.length === 0 ? `(${kind.none})` : elements.map(printable).join("\n"),
    diff:
      bytes !== null && only !== undefined && elements.length === 1
        ? diffLines(bytes, only)
        : diffElements(described, elements, kind.none),
  };
}

/** The reason as text if the matcher cannot be used. */
function compile(matcher: StringMatcher, files: SuiteFiles): Compiled | string {
  if (matcher.exact !== undefined) return equals(matcher.exact, printable(matcher.exact));
  if (matcher.file !== undefined) {
    const bytes = files.read(matcher.file);
    if (typeof bytes === "string") return bytes;
    return equals(toByteString(bytes), `the bytes of ${matcher.file}`);
  }
  if (matcher.regex === undefined) return 'the matcher has none of "exact", "regex" and "file"';
  try {
    return { matches: compileRe2(matcher.regex), described: `/${matcher.regex}/`, bytes: null };
  } catch (error) {
    return `the regular expression cannot be used: ${(error as Error).message}`;
  }
}

function equals(bytes: ByteString, described: string): Compiled {
  return { matches: (element) => element === bytes, described, bytes };
}
