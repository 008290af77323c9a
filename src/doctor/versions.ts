// Compares version numbers, as far as this package's own ranges need it.

/** The three numbers at the front of `1.2.3`, `v1.2` or `1.2.3-beta`; null if there are none. */
export function parseVersion(text: string): readonly [number, number, number] | null {
  const found = /^[^\d]*(\d+)(?:\.(\d+))?(?:\.(\d+))?/.exec(text);
  return found ? [Number(found[1]), Number(found[2] ?? 0), Number(found[3] ?? 0)] : null;
}

/** Below zero if `a` is older than `b`, zero if they are equal. What is no version counts as 0.0.0. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parseVersion(a) ?? [0, 0, 0], parseVersion(b) ?? [0, 0, 0]];
  for (const at of [0, 1, 2] as const) if (left[at] !== right[at]) return left[at] - right[at];
  return 0;
}

/** Whether a version lies in a range of the form `^1.2.3` or `>=1.2.3`. */
export function inRange(version: string, range: string): boolean {
  const [own, base] = [parseVersion(version), parseVersion(range)];
  if (own === null || base === null || compareVersions(version, range) < 0) return false;
  if (!range.startsWith("^")) return true;
  return own[0] === base[0] && (base[0] > 0 || own[1] === base[1]);
}
