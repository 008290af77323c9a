// Requests to a proxy: how many, which, and what came back.
import { Helper } from "./helper.ts";

/** Requests to be sent, as many as are there one after the other on each connection. */
export interface Load {
  readonly port: number;
  readonly path: string;
  readonly method: string;
  readonly bodySize: number;
  readonly requests: number;
  readonly connections: number;
}

export interface Outcome {
  readonly good: number;
  readonly bad: number;
  readonly errors: number;
  readonly failure?: string;
}

/** A process that sends requests, and one that answers them behind the proxy. */
export class Surroundings {
  readonly #client: Helper;
  readonly #upstream: Helper;
  readonly upstreamPort: number;

  private constructor(client: Helper, upstream: Helper, upstreamPort: number) {
    this.#client = client;
    this.#upstream = upstream;
    this.upstreamPort = upstreamPort;
  }

  static async start(cores: readonly number[] | undefined): Promise<Surroundings> {
    const upstream = new Helper("echo-child.js", cores);
    const port = await upstream.ask<number>();
    return new Surroundings(new Helper("load-child.js", cores), upstream, port);
  }

  /** Process ids, for the accounts. */
  get pids(): number[] {
    return [this.#client.pid, this.#upstream.pid];
  }

  /** Sends the requests. Rejects unless every one is answered with a 2xx. */
  async send(load: Load): Promise<void> {
    const { good, bad, errors, failure } = await this.#client.ask<Outcome>(load);
    if (failure === undefined && good >= load.requests && bad === 0 && errors === 0) return;
    const why = failure ?? `${good} good answers, ${bad} others, ${errors} errors`;
    throw new Error(`${load.requests} requests to ${load.path} were not all answered: ${why}.`);
  }

  stop(): void {
    this.#client.stop();
    this.#upstream.stop();
  }
}
