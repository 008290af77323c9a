// What the client of a stream saw.
import { Message } from "./messages.ts";
import type { MessageRecord } from "./messages.ts";

/** A response as the client received it, as far as it came. */
export class ClientResponse extends Message {
  /** 0 if the stream was cut off before a response. */
  readonly status: number;
  /** Why the stream was cut off, or null if it was not. */
  readonly reset: string | null;

  /** @internal */
  constructor(record: MessageRecord, reset: string | null) {
    super(record);
    this.status = Number(this.headers.get(":status") ?? 0);
    this.reset = reset;
  }
}
