// A filter for tests of Envoy's own functions: does what x-do asks for, and logs each call and what it gave.
import {
  FilterHeadersStatus,
  getForeignFunctionStatus,
  getProperty,
  HttpContext,
  logInfo,
  properties,
  registerRootContext,
  RootContext,
  setProperty,
} from "proxy-wasm-as";
import {
  CelExpression,
  clearRouteCache,
  compress,
  declareProperty,
  LifeSpan,
  PropertyType,
  setEnvoyFilterState,
  setEnvoyFilterStateBytes,
  sign,
  SignatureResult,
  signWithKeyBytes,
  uncompress,
  verifySignature,
  verifySignatureWithKeyBytes,
} from "proxy-wasm-as/envoy";

function say(what: string, value: string): void {
  logInfo(what + " = " + value);
}

function shown(value: string | null): string {
  return value == null ? "null" : '"' + value + '"';
}

function utf8(text: string): Uint8Array {
  return Uint8Array.wrap(String.UTF8.encode(text));
}

function signed(what: string, result: SignatureResult): void {
  say(
    what,
    result.status.toString() +
      result.ok.toString() +
      shown(result.error) +
      (result.signature.length > 0).toString(),
  );
}

class Root extends RootContext {
  /** A private and a public key, each as PEM and as DER, with their lengths before them. */
  keys: Uint8Array[] = [];
  expression: CelExpression | null = null;

  override onConfigure(pluginConfigurationSize: u32): bool {
    const bytes = this.configuration.bytes();
    for (let at = 0; at < bytes.length;) {
      const length = load<i32>(bytes.dataStart + at);
      this.keys.push(bytes.slice(at + 4, at + 4 + length));
      at += 4 + length;
    }
    this.declareAll();
    say("state on the root", setEnvoyFilterState("envoy.string", "x").toString());
    say("clear on the root", clearRouteCache().toString());
    return true;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Functions(this);
  }

  key(index: i32): string {
    return String.UTF8.decode(this.keys[index].slice(0).buffer);
  }

  compression(): void {
    const text = utf8("0123456789".repeat(1024));
    const small = compress(text);
    if (small == null) return say("compress", "null");
    const whole = uncompress(small);
    say("compress", (small.length < 200).toString());
    say(
      "uncompress",
      whole == null ? "null" : (String.UTF8.decode(whole.buffer) == "0123456789".repeat(1024)).toString(),
    );
    say("not compressed", (uncompress(text) == null).toString() + getForeignFunctionStatus().toString());
    const nothing = compress(new Uint8Array(0));
    if (nothing == null) return say("nothing", "null");
    const again = uncompress(nothing);
    say("nothing", again == null ? "null" : again.length.toString());
  }

  signatures(): void {
    const text = utf8("a text");
    const other = utf8("another text");
    const result = sign("sha256", this.key(0), text);
    signed("sign", result);
    signed("verify", verifySignature("sha256", this.key(2), result.signature, text));
    signed("other text", verifySignature("sha256", this.key(2), result.signature, other));
    const binary = signWithKeyBytes("sha512", this.keys[1], text);
    signed("sign with bytes", binary);
    signed("verify with bytes", verifySignatureWithKeyBytes("sha512", this.keys[3], binary.signature, text));
    signed("crossed", verifySignature("sha256", this.key(2), binary.signature, text));
    signed("no hash", sign("nohash", this.key(0), text));
    signed("no key", sign("sha256", "", text));
    signed("no public key", verifySignature("sha256", "", result.signature, text));
    signed("bad private key", sign("sha256", "bad", text));
    signed("bad bytes", signWithKeyBytes("sha256", utf8("bad"), text));
    signed("bad key", verifySignature("sha256", "bad", result.signature, text));
  }

  declareAll(): void {
    say("declare", declareProperty("declared", PropertyType.String, LifeSpan.Connection).toString());
    say("twice", declareProperty("declared", PropertyType.String, LifeSpan.Connection).toString());
    say("read-only", declareProperty("once", PropertyType.String, LifeSpan.FilterChain, true).toString());
    const type = utf8("type.googleapis.com/google.protobuf.StringValue");
    say(
      "schema",
      declareProperty("message", PropertyType.Protobuf, LifeSpan.Request, false, type).toString(),
    );
  }

  declared(): void {
    say("declare on a stream", declareProperty("late").toString());
    say("before", shown(getProperty("declared")));
    say("set", setProperty("declared", "a").toString() + setProperty("declared", "b").toString());
    say("get", shown(getProperty("declared")));
    say("set once", setProperty("once", "a").toString() + setProperty("once", "b").toString());
    say("get once", shown(getProperty("once")));
  }

  typed(): void {
    setProperty("declared", "b");
    const typed = CelExpression.create('filter_state["wasm.declared"].startsWith("b")');
    if (typed != null) say("as text in CEL", typed.evaluateBool().toString());
    // A StringValue: field 1, two bytes, "hi".
    say("set message", setProperty("message", "\n\x02hi").toString());
    const message = CelExpression.create('filter_state["wasm.message"] == "hi"');
    if (message != null) say("as message in CEL", message.evaluateBool().toString());
  }

  filterState(): void {
    say("before", shown(properties.filterState.get("envoy.string")));
    say("set", setEnvoyFilterState("envoy.string", "välue", LifeSpan.Connection).toString());
    say("get", shown(properties.filterState.get("envoy.string")));
    say(
      "bytes",
      setEnvoyFilterStateBytes("envoy.tcp_proxy.cluster", utf8("a-cluster"), LifeSpan.Request).toString(),
    );
    say("cluster", shown(properties.filterState.get("envoy.tcp_proxy.cluster")));
  }

  strangeFilterState(): void {
    say("unknown", setEnvoyFilterState("no.such.key", "x").toString());
    say("empty", setEnvoyFilterState("", "").toString());
    say("no number", setEnvoyFilterState("envoy.upstream.dynamic_port", "many").toString());
    say("number", setEnvoyFilterState("envoy.upstream.dynamic_port", "80").toString());
  }

  expressions(): void {
    const path = CelExpression.create('request.path + "!"');
    if (path == null) return say("create", "null");
    say("text", shown(path.evaluate()));
    say("as flag", path.evaluateBool(true).toString() + path.evaluateI64(-7).toString());
    const number = CelExpression.create("source.port + 100000");
    if (number != null) say("number", (number.evaluateI64(-7) > 100000).toString());
    const fraction = CelExpression.create("1.5 * 2.0");
    if (fraction != null) say("fraction", fraction.evaluateF64(-7).toString());
    const flag = CelExpression.create('request.method == "GET" && size(request.headers["x-do"]) > 1');
    if (flag != null) say("flag", flag.evaluateBool().toString());
    const missing = CelExpression.create('request.headers["x-none"]');
    if (missing != null) say("missing", shown(missing.evaluate()) + getForeignFunctionStatus().toString());
    const noFlag = CelExpression.create("response.code == 200");
    if (noFlag != null) say("too early", noFlag.evaluateBool(true).toString());
    say(
      "bad",
      (CelExpression.create("this is no CEL (") == null).toString() + getForeignFunctionStatus().toString(),
    );
    say("delete", path.delete().toString());
    say("deleted", shown(path.evaluate()) + getForeignFunctionStatus().toString());
    this.expression = flag;
  }

  keptExpression(): void {
    const flag = this.expression;
    if (flag != null) say("kept", flag.evaluateBool().toString());
  }
}

class Functions extends HttpContext {
  private task: string = "";

  constructor(private root: Root) {
    super();
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const task = this.requestHeaders.get("x-do");
    if (task == null) return FilterHeadersStatus.Continue;
    this.task = task;
    if (task == "compression") this.root.compression();
    else if (task == "signatures") this.root.signatures();
    else if (task == "declare") this.root.declared();
    else if (task == "typed") this.root.typed();
    else if (task == "filter state") this.root.filterState();
    else if (task == "strange filter state") this.root.strangeFilterState();
    else if (task == "expressions") this.root.expressions();
    else if (task == "kept expression") this.root.keptExpression();
    else if (task == "route") {
      say("state", setEnvoyFilterState("envoy.string", "beta").toString());
      say("clear", clearRouteCache().toString());
    } else if (task == "no clear") setEnvoyFilterState("envoy.string", "beta");
    return FilterHeadersStatus.Continue;
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.task == "route") say("clear in response", clearRouteCache().toString());
    return FilterHeadersStatus.Continue;
  }

  override onLog(): void {
    if (this.task == "route") say("clear in log", clearRouteCache().toString());
    if (this.task == "declare") say("log", shown(getProperty("declared")));
    if (this.task == "filter state") say("log", shown(properties.filterState.get("envoy.string")));
  }
}

registerRootContext<Root>();
