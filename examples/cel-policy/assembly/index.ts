// Lets a request pass if an expression in CEL, which is the configuration, is true for it.
import { FilterHeadersStatus, HttpContext, registerRootContext, RootContext } from "proxy-wasm-as";
import { CelExpression } from "proxy-wasm-as/envoy";

class Policy extends RootContext {
  private expression: CelExpression | null = null;

  override onConfigure(pluginConfigurationSize: u32): bool {
    const old = this.expression;
    if (old != null) old.delete();
    this.expression = CelExpression.create(this.configuration.text());
    // Without a policy that can be read Envoy does not start; its log says what is wrong with it.
    return this.expression != null;
  }

  override createHttpContext(contextId: u32): HttpContext {
    return new Check(this);
  }

  /** Whether the request that is being called may pass; not where the expression has no value for it. */
  allows(): bool {
    const expression = this.expression;
    return expression != null && expression.evaluateBool(false);
  }
}

class Check extends HttpContext {
  constructor(private policy: Policy) {
    super();
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    if (this.policy.allows()) return FilterHeadersStatus.Continue;
    return this.sendLocalResponse(403, "not allowed\n", null, "denied_by_policy");
  }
}

registerRootContext<Policy>();
