// The error for a file of test vectors that cannot be used.
import type { Place } from "./suite.ts";

/** A file of test vectors is missing, unreadable or wrong. The message begins with the file and the place. */
export class SuiteError extends Error {
  override readonly name = "SuiteError";
  /** The file as it was named; empty while it is not known. */
  readonly file: string;
  /** Where in the file, or null if it could not be read at all. */
  readonly place: Place | null;
  /** What is wrong, without the place. */
  readonly reason: string;

  constructor(reason: string, place: Place | null, file = "", cause?: unknown) {
    const where = place === null ? file : `${file}:${place.line}:${place.column}`;
    super(`${where.replace(/^:/, "line ")}: ${reason}`, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.place = place;
    this.file = file;
  }

  /** The same error, naming the file. */
  in(file: string): SuiteError {
    return new SuiteError(this.reason, this.place, file, this.cause);
  }
}
