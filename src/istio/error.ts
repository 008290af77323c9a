// The error of this folder: what Istio or its proxies would refuse, refused before it is written.

/** A value that Istio would refuse, ignore or take for something else. */
export class IstioConfigError extends Error {
  override readonly name = "IstioConfigError";
  /** What to do about it. */
  readonly advice: string | undefined;

  constructor(message: string, advice?: string) {
    super(message);
    this.advice = advice;
  }
}
