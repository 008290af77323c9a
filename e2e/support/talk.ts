// One TCP connection: says something, and returns what comes back until the other side ends.
import { connect } from "node:net";

/** Sends the text and ends; resolves with all that came back. */
export function talk(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(port, "127.0.0.1", () => socket.end(text));
    socket.setEncoding("utf8").on("data", (piece: string) => (answer += piece));
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
  });
}
