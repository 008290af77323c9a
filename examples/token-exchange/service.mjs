// The service that token-exchange asks, on port 8081: POST /token gives a token for a key, GET /me a user for a token.
import { createServer } from "node:http";

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  console.log(`${request.method} ${request.url} ${body || request.headers.authorization}`);
  if (request.url === "/token" && body === "s3cret") response.end("t0ken");
  else if (request.url === "/me" && request.headers.authorization === "Bearer t0ken") response.end("ada");
  else response.writeHead(401).end();
}).listen(8081, "127.0.0.1", () => console.log("ready"));
