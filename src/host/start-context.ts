// Answers the guest while its start functions run, before it has any context.
import { BaseContext } from "./base-context.ts";
import { Status } from "./statuses.ts";
import { toText } from "./byte-string.ts";
import type { ByteString } from "./byte-string.ts";
import type { Services } from "./services.ts";

/** The VM itself, context 0: it can log. */
export class StartContext extends BaseContext {
  readonly id = 0;
  readonly #services: Services;
  readonly #worker: number;

  constructor(services: Services, worker: number) {
    super();
    this.#services = services;
    this.#worker = worker;
  }

  override log(level: number, message: ByteString): number {
    this.#services.log.add(level, toText(message), "guest", 0, "", this.#worker);
    return Status.Ok;
  }
}
