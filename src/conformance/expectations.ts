// Compares what a phase did with what was expected of it.
import { checkMatcher } from "./matcher.ts";
import { printable } from "./diff.ts";
import { toByteString, toText } from "../host/byte-string.ts";
import type { ByteString } from "../host/byte-string.ts";
import type { ElementKind, Mismatch } from "./matcher.ts";
import type { Expectation, Immediate, Place, StringMatcher } from "./suite.ts";
import type { LocalResponse } from "./stream-context.ts";
import type { LogLine } from "./reference-context.ts";
import type { ReferenceHeaderMap } from "./header-map.ts";
import type { SuiteFiles } from "./suite-files.ts";

/** What came out of a phase. */
export interface PhaseResult {
  readonly headers: ReferenceHeaderMap;
  readonly body: ByteString;
  readonly lines: readonly LogLine[];
  /** The number that a headers callback returned; null in body phases, whose status is not kept. */
  readonly status: number | null;
  readonly localResponse: LocalResponse | null;
}

/** An expectation that was not met. */
export interface Unmet extends Mismatch {
  readonly field: string;
  readonly place: Place;
}

const LINE: ElementKind = { one: "line logged", none: "nothing was logged" };
const HEADER: ElementKind = { one: "header", none: "there are no headers" };
const BODY: ElementKind = { one: "body", none: "no body" };

/** Everything that is unmet, of a phase with headers or a body. A headers phase is checked even without an expectation. */
export function checkPhase(
  expectation: Expectation | undefined,
  result: PhaseResult,
  files: SuiteFiles,
  place: Place,
): Unmet[] {
  const unmet = checkImmediate(expectation?.immediate, result, place);
  if (expectation === undefined) return unmet;
  unmet.push(...checkHeaders(expectation, result.headers));
  const lines = result.headers.pairs.map(([name, value]) => `${name}: ${value}`);
  unmet.push(...checkAll("headers", expectation.headers, lines, HEADER, files));
  unmet.push(...checkAll("body", expectation.body, [result.body], BODY, files));
  unmet.push(...checkLog(expectation, result.lines, files));
  return unmet;
}

/** What is unmet of lifecycle groups, which know nothing but a log. */
export function checkLog(
  expectation: Expectation | undefined,
  lines: readonly LogLine[],
  files: SuiteFiles,
): Unmet[] {
  const messages = lines.map(({ message }) => message);
  return checkAll("log", expectation?.log ?? [], messages, LINE, files);
}

function checkAll(
  field: string,
  matchers: readonly StringMatcher[],
  elements: readonly ByteString[],
  kind: ElementKind,
  files: SuiteFiles,
): Unmet[] {
  return matchers.flatMap((matcher) => {
    const mismatch = checkMatcher(matcher, elements, kind, files);
    return mismatch === null ? [] : [{ ...mismatch, field, place: matcher.place }];
  });
}

function checkHeaders({ hasHeader, noHeader }: Expectation, map: ReferenceHeaderMap): Unmet[] {
  const unmet: Unmet[] = [];
  for (const { key, value, place } of hasHeader) {
    const field = "has_header";
    const found = map.get(toByteString(key));
    if (key === "") unmet.push(failure(field, place, "the header has no key"));
    else if (found !== value)
      unmet.push(
        failure(
          field,
          place,
          found === null ? `there is no header ${key}` : `the header ${key} has another value`,
          `${key}: ${printable(value)}`,
          found === null ? "(absent)" : `${key}: ${printable(found)}`,
        ),
      );
  }
  for (const { key, place } of noHeader) {
    const field = "no_header";
    const found = map.get(toByteString(key));
    if (key === "") unmet.push(failure(field, place, "the header has no key"));
    else if (found !== null)
      unmet.push(
        failure(field, place, `there is a header ${key}`, "(absent)", `${key}: ${printable(found)}`),
      );
  }
  return unmet;
}

function checkImmediate(immediate: Immediate | undefined, result: PhaseResult, place: Place): Unmet[] {
  const { status, localResponse } = result;
  const field = "immediate";
  if (status === null) {
    if (immediate === undefined) return [];
    return [
      failure(field, immediate.place, "local responses cannot be checked in body phases: no status is kept"),
    ];
  }
  const stopped = status !== 0 && status !== 2;
  const answered = localResponse !== null && localResponse.statusCode > 0;
  const was = describeOutcome(status, localResponse);
  if (immediate === undefined) {
    if (!stopped && localResponse === null) return [];
    return [
      failure(
        field,
        place,
        localResponse === null ? "the callback stopped the stream" : "a local response was sent",
        "continue, without a local response",
        was,
      ),
    ];
  }
  const unmet: Unmet[] = [];
  if (!stopped || !answered)
    unmet.push(
      failure(
        field,
        immediate.place,
        stopped ? "no local response was sent" : "the callback let the stream continue",
        "stop, with a local response",
        was,
      ),
    );
  const { httpStatus, grpcStatus, details } = immediate;
  const compare = (name: string, expected: string | undefined, actual: string): void => {
    if (expected !== undefined && expected !== actual)
      unmet.push(
        failure(`${field}.${name}`, immediate.place, `the ${name} is another one`, expected, actual),
      );
  };
  compare("http_status", httpStatus?.toString(), String(localResponse?.statusCode ?? 0));
  compare(
    "grpc_status",
    grpcStatus?.toString(),
    localResponse === null ? "(none)" : String(localResponse.grpcStatus >>> 0),
  );
  compare("details", details, toText(localResponse?.details ?? ""));
  return unmet;
}

function describeOutcome(status: number, localResponse: LocalResponse | null): string {
  const action = status === 0 || status === 2 ? "continue" : "stop";
  if (localResponse === null) return `${action} (returned ${status}), without a local response`;
  return `${action}, with a local response ${localResponse.statusCode}`;
}

function failure(
  field: string,
  place: Place,
  message: string,
  expected: string | null = null,
  actual: string | null = null,
): Unmet {
  const diff = expected === null || actual === null ? [] : [`- ${expected}`, `+ ${actual}`];
  return { field, place, message, expected, actual, diff };
}
