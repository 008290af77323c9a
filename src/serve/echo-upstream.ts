// The upstream when none is given: answers with what an upstream would have received, as JSON.
import { toText } from "../host/index.ts";
import { byName, valueOf } from "./upstream.ts";
import type { Pair } from "../host/index.ts";
import type { Upstream, UpstreamEvents, UpstreamExchange } from "./upstream.ts";

/** Larger bodies are shown as far as this. */
export const MAX_SHOWN_BYTES = 64 * 1024;

/** What is answered. Names and values that are not UTF-8 show U+FFFD. */
export interface Echo {
  method: string;
  path: string;
  authority: string;
  /** Without pseudo-headers; several values of one name are a list. */
  headers: Record<string, string | string[]>;
  /** The body as text, or in base64 if it is no UTF-8. At most the first 64 KiB of it. */
  body: string;
  bodyEncoding: "utf8" | "base64";
  /** Length of the whole body. */
  bodyBytes: number;
  trailers: Record<string, string | string[]>;
}

/** Answers as soon as a request is complete. */
export class EchoUpstream implements Upstream {
  readonly address = null;

  open(headers: readonly Pair[], endStream: boolean, events: UpstreamEvents): UpstreamExchange {
    const kept: Buffer[] = [];
    let total = 0;
    let shown = 0;
    let over = false;
    const answer = (trailers: readonly Pair[]): void => {
      const body = Buffer.from(
        `${JSON.stringify(echo(headers, Buffer.concat(kept), total, trailers), null, 2)}\n`,
      );
      // What the filter does to the request is over by then.
      setImmediate(() => {
        if (over) return;
        over = true;
        const head = valueOf(headers, ":method") === "HEAD";
        events.headers(
          [
            [":status", "200"],
            ["content-type", "application/json"],
            ["content-length", String(body.length)],
          ],
          head,
        );
        if (head) return;
        events.data(body);
        events.end([]);
      });
    };
    if (endStream) answer([]);
    return {
      write(data) {
        total += data.length;
        if (shown < MAX_SHOWN_BYTES) {
          kept.push(data.subarray(0, MAX_SHOWN_BYTES - shown));
          shown += data.length;
        }
        return true;
      },
      end: answer,
      pause() {},
      resume() {},
      reset() {
        over = true;
      },
    };
  }

  close(): void {}
}

/** What an upstream would have received. `body` is the part that is shown, `total` the length of all. */
export function echo(headers: readonly Pair[], body: Buffer, total: number, trailers: readonly Pair[]): Echo {
  const text = decode(body, total > body.length);
  return {
    method: toText(valueOf(headers, ":method") ?? ""),
    path: toText(valueOf(headers, ":path") ?? ""),
    authority: toText(valueOf(headers, ":authority") ?? ""),
    headers: readable(headers.filter(([name]) => !name.startsWith(":"))),
    body: text ?? body.toString("base64"),
    bodyEncoding: text === null ? "base64" : "utf8",
    bodyBytes: total,
    trailers: readable(trailers),
  };
}

/** The text, or null if it is none. The last letter of one that was cut may be missing. */
function decode(body: Buffer, cut: boolean): string | null {
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(body, { stream: cut });
  } catch {
    return null;
  }
}

function readable(pairs: readonly Pair[]): Record<string, string | string[]> {
  return byName(pairs.map(([name, value]) => [toText(name), toText(value)]));
}
