// What a check of the set-up answers.

/** One thing that was looked at. */
export interface Check {
  /** A word for programs, and the first word of the line. */
  readonly name: string;
  /** `warn` is what stands in the way of something that is not needed for a build. */
  readonly status: "ok" | "warn" | "fail";
  readonly message: string;
  /** What to do; only if something is not well. */
  readonly fix?: string;
}

export function ok(name: string, message: string): Check {
  return { name, status: "ok", message };
}

export function warn(name: string, message: string, fix: string): Check {
  return { name, status: "warn", message, fix };
}

export function fail(name: string, message: string, fix: string): Check {
  return { name, status: "fail", message, fix };
}
