// Finds the name that a misspelt one probably stands for.

/** The candidate that `name` is probably meant to be; `null` when none is near. */
export function closest(name: string, candidates: Iterable<string>): string | null {
  const wanted = normalize(name);
  const allowed = wanted.length <= 6 ? 1 : wanted.length <= 12 ? 2 : 3;
  let best: string | null = null;
  let least = allowed + 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, normalize(candidate));
    if (distance < least) {
      best = candidate;
      least = distance;
    }
  }
  return best;
}

/** `proxy_on_request_headers`, `onHttpRequestHeaders` and `OnRequestHeaders` are the same name to a reader. */
function normalize(name: string): string {
  return name
    .replaceAll("_", "")
    .toLowerCase()
    .replace(/^proxy/, "")
    .replace("http", "");
}

/** How many letters must be added, removed, changed or swapped with their neighbour. */
export function editDistance(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const changed = (last[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      let least = Math.min(changed, (last[j] ?? 0) + 1, (row[j - 1] ?? 0) + 1);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1])
        least = Math.min(least, (beforeLast[j - 2] ?? 0) + 1);
      row.push(least);
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length] ?? 0;
}
