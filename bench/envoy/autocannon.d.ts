// The part of autocannon that the benchmark uses; the package has no types.
declare module "autocannon" {
  interface Options {
    url: string;
    connections: number;
    /** Requests in all. */
    amount: number;
    method: string;
    headers: Record<string, string>;
    body?: Buffer | undefined;
    /** How often it looks whether all is answered, in ms. */
    sampleInt: number;
  }
  interface Result {
    "2xx": number;
    non2xx: number;
    /** Connections that failed, timeouts included. */
    errors: number;
  }
  export default function autocannon(options: Options): Promise<Result>;
}
