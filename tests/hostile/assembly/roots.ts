// The hostile guest whose root makes HTTP streams, TCP connections, none, or one that it has made before.
import { HttpContext, registerRootContext, TcpContext } from "proxy-wasm-as";
import { Connection } from "./connection";
import { Root } from "./root";
import { Stream } from "./stream";

class Maker extends Root {
  override createHttpContext(contextId: u32): HttpContext | null {
    if (contextId % 4 == 1) return null;
    if (contextId % 16 == 2 && this.streams.length) return this.streams[0];
    const stream = new Stream();
    this.streams.push(stream);
    return stream;
  }

  override createTcpContext(contextId: u32): TcpContext | null {
    if (contextId % 16 == 5) return null;
    if (contextId % 16 == 9 && this.connections.length) return this.connections[0];
    const connection = new Connection();
    this.connections.push(connection);
    return connection;
  }
}

registerRootContext<Maker>();
