// The error of this folder: what the registry or an image did wrong, and what to do about it.

/** An image that cannot be, or a registry that does not do what it should. */
export class OciError extends Error {
  override readonly name = "OciError";
  /** What to do about it. */
  readonly advice: string | undefined;

  constructor(message: string, details: { advice?: string | undefined; cause?: unknown } = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.advice = details.advice;
  }
}
