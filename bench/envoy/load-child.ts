// The process that sends requests: it gets loads as messages, and answers each with what came back.
import autocannon from "autocannon";

import { AUTHORITY, requestBody, requestHeaders } from "../request.ts";
import type { Load, Outcome } from "./load.ts";

process.on("message", (load: Load) => {
  send(load).then(
    (outcome) => process.send?.(outcome),
    (error: Error) => process.send?.({ good: 0, bad: 0, errors: load.requests, failure: error.message }),
  );
});

async function send(load: Load): Promise<Outcome> {
  const result = await autocannon({
    url: `http://127.0.0.1:${load.port}${load.path}`,
    connections: Math.min(load.connections, load.requests),
    amount: load.requests,
    method: load.method,
    headers: { host: AUTHORITY, ...requestHeaders() },
    body: load.bodySize > 0 ? requestBody(load.bodySize) : undefined,
    sampleInt: 5,
  });
  return { good: result["2xx"], bad: result.non2xx, errors: result.errors };
}
