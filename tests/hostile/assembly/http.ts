// The hostile guest with HTTP streams alone.
import { registerHttpContext } from "proxy-wasm-as";
import { Stream } from "./stream";

registerHttpContext<Stream>();
