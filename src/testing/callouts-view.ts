// The callouts of all guests of a host that wait for an answer.
import { PendingCallout } from "./callouts.ts";
import { PendingGrpc } from "./grpc.ts";
import type { Act } from "./tasks.ts";
import type { Services } from "../host/services.ts";

/** Callouts to answer by hand, also those whose cluster will answer by itself. */
export class CalloutsView {
  readonly #services: Services;
  readonly #act: Act;

  /** @internal */
  constructor(services: Services, act: Act) {
    this.#services = services;
    this.#act = act;
  }

  /** HTTP callouts without an answer, oldest first. */
  get pending(): PendingCallout[] {
    return [...this.#services.httpCallouts].map((callout) => new PendingCallout(callout, this.#act));
  }

  /** gRPC calls and streams that are open, oldest first. */
  get grpc(): PendingGrpc[] {
    return [...this.#services.grpcCallouts].map((callout) => new PendingGrpc(callout, this.#act));
  }
}
