// Differences between what a case expects and what was seen, and between what two hosts saw.
import type { ExpectedMessage, Expectation } from "./case.ts";
import type { Observation, SeenMessage } from "./observation.ts";

/** Where the observation is not what the case expects. */
export function unexpected(expect: Expectation = {}, seen: Observation): string[] {
  const found: string[] = [];
  const check = (what: string, wanted: unknown, got: unknown): void => {
    if (wanted !== undefined && JSON.stringify(wanted) !== JSON.stringify(got))
      found.push(`${what}: expected ${JSON.stringify(wanted)}, got ${JSON.stringify(got)}`);
  };
  check("crash", expect.crash ?? null, seen.crash ?? null);
  check("refused", expect.refused ?? false, seen.refused ?? false);
  checkMessage("client", expect.client, seen.client, check);
  checkMessage("upstream", expect.upstream, seen.upstream, check);
  check("logs", expect.logs, seen.logs);
  check("metrics", expect.metrics, seen.metrics);
  for (const [key, value] of Object.entries(expect.tcp ?? {}))
    check(`tcp ${key}`, value, seen.tcp?.[key as keyof typeof seen.tcp]);
  for (const [index, each] of (expect.again ?? []).entries())
    checkMessage(`again ${index}`, each, seen.again?.[index], check);
  return found;
}

function checkMessage(
  who: string,
  wanted: ExpectedMessage | null | undefined,
  got: SeenMessage | null | undefined,
  check: (what: string, wanted: unknown, got: unknown) => void,
): void {
  if (wanted === undefined) return;
  if (wanted === null || !got) {
    check(who, wanted, got ?? null);
    return;
  }
  check(`${who} status`, wanted.status, got.status);
  check(`${who} body`, wanted.body, got.body);
  check(`${who} cut`, wanted.cut ?? false, got.cut);
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    const all = got.headers.filter(([each]) => each === name).map(([, each]) => each);
    check(`${who} header ${name}`, value, Array.isArray(value) ? all : (all[0] ?? null));
  }
  if (wanted.trailers) check(`${who} trailers`, Object.entries(wanted.trailers), got.trailers);
}

/** Where two hosts saw something else. */
export function differences(embedded: Observation, envoy: Observation): string[] {
  const found: string[] = [];
  const walk = (path: string, a: unknown, b: unknown): void => {
    if (JSON.stringify(a) === JSON.stringify(b)) return;
    if (isRecord(a) && isRecord(b)) {
      for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
        walk(`${path} ${key}`, a[key], b[key]);
      return;
    }
    if (isLines(a) && isLines(b) && a.length === b.length) {
      for (const [index, line] of a.entries()) walk(`${path} ${index}`, line, b[index]);
      return;
    }
    found.push(`${path.trim()}: embedded ${JSON.stringify(a)}, Envoy ${JSON.stringify(b)}`);
  };
  walk("", embedded, envoy);
  return found;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isLines(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((each) => typeof each === "string");
}
