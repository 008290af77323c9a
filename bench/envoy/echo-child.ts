// The upstream: answers each request with its body, or, under /seen, with a description of the request.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

const server = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  const chunks: Buffer[] = [];
  request.on("data", (chunk: Buffer) => chunks.push(chunk));
  request.on("end", () => {
    const body = Buffer.concat(chunks);
    const answer =
      request.url === "/seen"
        ? Buffer.from(JSON.stringify({ headers: request.headers, body: body.toString("latin1") }))
        : body;
    response.setHeader("content-length", answer.length);
    response.end(answer);
  });
});
// The benchmark may end without having stopped it.
process.on("disconnect", () => process.exit());
server.listen(0, "127.0.0.1", () => process.send?.((server.address() as AddressInfo).port));
