// The answer a filter gives in place of the upstream, cleaned of what would corrupt it on the wire.
import { Status } from "./abi/types";
import { HeaderList } from "./header-list";
import * as hostcalls from "./hostcalls";
import { Message, refuse, refuseNamed } from "./line";
import { encode, encodedLength, release } from "./memory";

function refuseHeader(headers: HeaderList, index: i32, reason: Message): void {
  refuseNamed("sendLocalResponse header", headers.nameAt(index), headers.nameLength(index), reason);
}

/** The headers that may go out: Envoy writes `:status` itself, and drops all when there are too many. */
function sendable(headers: HeaderList): HeaderList {
  const clean = new HeaderList();
  for (let i = 0; i < headers.length; i++) {
    if (headers.isPseudo(i)) refuseHeader(headers, i, "the status is an argument");
    else if (
      clean.length == 1024 ||
      clean.byteLength + headers.nameLength(i) + headers.valueLength(i) > 1 << 20
    )
      refuseHeader(headers, i, "more than 1,024 headers or 1 MiB");
    else clean.copyFrom(headers, i);
  }
  return clean;
}

/**
 * Sends a response from the effective stream. A filter that answers wants the request stopped, so what cannot
 * go out as asked goes out mended, and the log says how: a status outside 200 to 599 as 500, a 204 or 304
 * without body.
 */
export function sendLocalResponse(
  statusCode: u32,
  body: usize,
  bodyLength: usize,
  headers: HeaderList | null,
  details: string,
  grpcStatus: i32,
): Status {
  if (statusCode < 200 || statusCode > 599) {
    refuse("sendLocalResponse", "a status is from 200 to 599; sent 500");
    statusCode = 500;
  }
  if ((statusCode == 204 || statusCode == 304) && bodyLength) {
    refuse("sendLocalResponse", "204 and 304 have no body; sent without");
    bodyLength = 0;
  }
  let pairs: ArrayBuffer | null = null;
  let pairsLength: usize = 0;
  if (headers != null && headers.length) {
    pairs = sendable(headers).serialize();
    pairsLength = <usize>pairs.byteLength;
  }
  const text = encode(details);
  const status = hostcalls.sendLocalResponse(
    statusCode,
    text,
    encodedLength,
    body,
    bodyLength,
    changetype<usize>(pairs),
    pairsLength,
    grpcStatus,
  );
  release(text);
  return status;
}
