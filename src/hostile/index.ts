// The hostile host: fuzzes guests that report what they read. Not part of the public API.
export { fuzz } from "./fuzz.ts";
export { loadGuest, planSession, runSession } from "./session.ts";
export { HOST_FUNCTIONS } from "./host-functions.ts";
export type { Finding, FuzzResult } from "./fuzz.ts";
export type { Failure, FailureKind } from "./failure.ts";
export type { Guest, Outcome, Plan } from "./session.ts";
