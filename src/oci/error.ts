// The error of this folder: what the registry or an image did wrong, and what to do about it.

/** An image that cannot be, or a registry that does not do what it should. */
export class OciError extends Error {
  override readonly name = "OciError";
  /** What to do about it. */
  readonly advice: string | undefined;
  /** Another attempt may go well: the connection broke, or the registry is in trouble for the moment. */
  readonly passing: boolean;

  constructor(
    message: string,
    details: { advice?: string | undefined; passing?: boolean; cause?: unknown } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.advice = details.advice;
    this.passing = details.passing ?? false;
  }
}
