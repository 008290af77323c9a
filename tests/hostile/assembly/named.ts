// The hostile guest with registrations of every kind under root ids.
import { registerHttpContext, registerRootContext, registerTcpContext } from "proxy-wasm-as";
import { Connection } from "./connection";
import { Root } from "./root";
import { Stream } from "./stream";

class Plain extends Root {}

registerRootContext<Plain>("plain");
registerHttpContext<Stream>("plain");
registerTcpContext<Connection>("plain");
registerHttpContext<Stream>("http");
registerTcpContext<Connection>("tcp");
