// The service that external-auth asks, on port 8081: it knows Ada.
import { createServer } from "node:http";

createServer((request, response) => {
  const known = request.headers.authorization === "Bearer t0ken";
  console.log(`${request.url} ${known ? "ada" : "unknown"}`);
  response.writeHead(known ? 200 : 403, known ? { "x-user": "ada" } : {}).end();
}).listen(8081, "127.0.0.1", () => console.log("ready"));
