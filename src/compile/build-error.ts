// The error of a build that cannot even begin.

/** What is wrong with the project, and what to do about it. */
export class BuildError extends Error {
  override readonly name = "BuildError";
  readonly advice: string;

  constructor(message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.advice = advice;
  }
}
