// The hostile guest with HTTP streams alone.
import { registerHttpContext } from "proxy-wasm-as";
import { Stream } from "./stream";

// The word setTimeout keeps the library from setting a tick of its own when headers are held for a body: it does so only
// until a body has come to the VM, and the fuzzer compares what an ordinary request does before and after.
registerHttpContext<Stream>();
