// Routes the callbacks of TCP connections to their contexts.
import { PeerType } from "./abi/types";
import { creatingId, Phase, setCreatingId } from "./active-context";
import { addContext, findContext, removeContext } from "./context-table";
import { begin, end, isNew, root, tcp } from "./dispatcher";
import { TCP } from "./features";
import { HttpContext } from "./http-context";
import { tcpFactory } from "./root-context";
import { TcpContext } from "./tcp-context";

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
      addContext(made);
    }
  }
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.Other);
  const status = stream.onNewConnection();
  end(outer);
  return status;
}

export function onDownstreamData(contextId: u32, dataSize: u32, endOfStream: bool): i32 {
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.Other);
  const status = stream.onDownstreamData(dataSize, endOfStream);
  end(outer);
  return status;
}

export function onUpstreamData(contextId: u32, dataSize: u32, endOfStream: bool): i32 {
  const stream = tcp(contextId);
  if (stream == null) return 0;
  const outer = begin(contextId, Phase.Other);
  const status = stream.onUpstreamData(dataSize, endOfStream);
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
