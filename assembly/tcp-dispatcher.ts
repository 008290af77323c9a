// Routes the callbacks of TCP connections to their contexts.
import { PeerType } from "./abi/types";
import { creatingId, Phase, setCreatingId } from "./active-context";
import { addContext, findContext, linkTo, removeContext } from "./context-table";
import { begin, end, isNew, root, tcp } from "./dispatcher";
import { TCP } from "./features";
import { Flow, flowUsed, REQUEST, RESPONSE } from "./flow";
import { HttpContext } from "./http-context";
import { tcpFactory } from "./root-context";
import { TcpContext } from "./tcp-context";

/** Notes what a connection's callback answered, and mends an answer that the connection's own calls have overtaken. */
function settle(stream: TcpContext, status: i32, shift: u32): i32 {
  if (!flowUsed) return status;
  const flow = stream.__flow;
  if (flow & Flow.StopNow) {
    stream.__flow = flow & ~(<u32>Flow.StopNow);
    return 1; // StopIteration
  }
  if (flow & ((<u32>Flow.ResumeAsked) << shift)) status = 0;
  const kept = flow & ~((<u32>(Flow.Paused | Flow.ResumeAsked)) << shift);
  stream.__flow = status == 0 ? kept : kept | ((<u32>Flow.Paused) << shift);
  return status;
}

export function onNewConnection(contextId: u32): i32 {
  const known = findContext(contextId);
  // A root that makes both kinds was asked for an HTTP stream first; only now it is known to be TCP.
  if (TCP && known instanceof HttpContext) {
    const parent = root(changetype<HttpContext>(known).__rootId);
    const outerCreatingId = creatingId;
    setCreatingId(contextId);
    const createTcp = tcpFactory;
    let made: TcpContext | null = null;
    if (parent != null) made = parent.createTcpContext(contextId);
    else if (createTcp != null) made = createTcp();
    setCreatingId(outerCreatingId);
    // A host that called in from the constructor may have replaced or deleted it meanwhile.
    if (made != null && isNew(made, contextId) && findContext(contextId) == known) {
      removeContext(contextId);
      addContext(linkTo(contextId), made);
    }
  }
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.NewConnection);
  const status = settle(stream, stream.onNewConnection(), REQUEST);
  end(outer);
  return status;
}

export function onDownstreamData(contextId: u32, dataSize: u32, endOfStream: bool): i32 {
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.DownstreamData);
  const status = settle(stream, stream.onDownstreamData(dataSize, endOfStream), REQUEST);
  end(outer);
  return status;
}

export function onUpstreamData(contextId: u32, dataSize: u32, endOfStream: bool): i32 {
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.UpstreamData);
  const status = settle(stream, stream.onUpstreamData(dataSize, endOfStream), RESPONSE);
  end(outer);
  return status;
}

export function onDownstreamConnectionClose(contextId: u32, peer: PeerType): void {
  const stream = tcp(contextId);
  if (stream == null) return;
  const outer = begin(contextId, Phase.Other);
  stream.onDownstreamConnectionClose(peer);
  end(outer);
}

export function onUpstreamConnectionClose(contextId: u32, peer: PeerType): void {
  const stream = tcp(contextId);
  if (stream == null) return;
  const outer = begin(contextId, Phase.Other);
  stream.onUpstreamConnectionClose(peer);
  end(outer);
}
