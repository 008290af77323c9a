// Many requests in little time: one after the other on many connections, answers counted by their status line.
import { connect } from "node:net";

export interface Load {
  /** How many requests in all. */
  requests: number;
  /** Raw header lines without line ends. */
  headers?: readonly string[];
  connections?: number;
}

/** Sends them to a server that answers without a body, and returns how many answers had status 200. */
export async function load(port: number, options: Load): Promise<number> {
  const { requests, headers = [], connections = 20 } = options;
  const request = ["GET / HTTP/1.1", "host: load", ...headers, "", ""].join("\r\n");
  const share = Math.ceil(requests / connections);
  const counts = await Promise.all(Array.from({ length: connections }, () => sequence(port, request, share)));
  return counts.reduce((sum, count) => sum + count, 0);
}

function sequence(port: number, request: string, requests: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, "127.0.0.1");
    let answered = 0;
    let good = 0;
    let answer = "";
    socket.on("connect", () => socket.write(request));
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
      if (!answer.endsWith("\r\n\r\n")) return;
      if (answer.startsWith("HTTP/1.1 200")) good++;
      answer = "";
      if (++answered < requests) return void socket.write(request);
      socket.destroy();
      resolve(good);
    });
    socket.on("error", reject);
    socket.on("close", () =>
      reject(new Error(`The server closed after ${answered} of ${requests} answers.`)),
    );
  });
}
