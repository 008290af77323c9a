// The upstream of the examples, on port 8080: prints each request, and who it is from, and sends its body back. With a
// status as argument it answers /check, the question of a filter, with that.
import { createServer } from "node:http";

const check = Number(process.argv[2] ?? 200);

createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk;
  const user = request.headers["x-user"] ? `from ${request.headers["x-user"]}` : "";
  console.log([request.method, request.url, body, user].filter(Boolean).join(" "));
  if (request.url === "/check") response.statusCode = check;
  response.setHeader("content-type", request.headers["content-type"] ?? "text/plain");
  response.end(body);
}).listen(8080, "127.0.0.1", () => console.log("ready"));
