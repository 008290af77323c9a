// Expressions in CEL, which Envoy evaluates over its attributes.
import { Status } from "../abi/types";
import { textOf } from "../call-rules";
import { callForeign, getForeignFunctionStatus } from "../foreign-function";
import { encode, encodedLength, release, reserve } from "../memory";

/** The argument of a call: the number of an expression, in four bytes. */
function callWith(name: string, token: u32): Uint8Array | null {
  const at = reserve(4);
  store<u32>(at, token);
  const answer = callForeign(name, at, 4);
  release(at);
  return answer;
}

/**
 * An expression in CEL, such as `request.method == "GET" && source.port > 1024`, over the attributes of the stream that is
 * being called. Create it once, in `onConfigure`; Envoy keeps it until {@link delete}.
 */
@final
export class CelExpression {
  /** @internal */
  constructor(private token: u32) {}

  /** Reads an expression; `null` when it is none, and Envoy's log then says why. */
  static create(text: string): CelExpression | null {
    const data = encode(text);
    const answer = callForeign("expr_create", data, data ? encodedLength : 0);
    release(data);
    if (answer == null || answer.byteLength != 4) return null;
    return new CelExpression(load<u32>(answer.dataStart));
  }

  /**
   * The bytes of the value, or `null` when there is none: an attribute is missing in this callback, types do not fit, or
   * the expression was deleted. Numbers are 8 bytes, little endian; a flag is one byte; text is UTF-8.
   */
  evaluateBytes(): Uint8Array | null {
    return callWith("expr_evaluate", this.token);
  }

  /** The value as text, or `null` when there is none. */
  evaluate(): string | null {
    const bytes = this.evaluateBytes();
    return bytes == null ? null : textOf(bytes.dataStart, bytes.byteLength);
  }

  /** The value as a flag; `absent` when there is none, or it is no flag. */
  evaluateBool(absent: bool = false): bool {
    const bytes = this.evaluateBytes();
    return bytes == null || bytes.byteLength != 1 ? absent : load<u8>(bytes.dataStart) != 0;
  }

  /** The value as an integer; `absent` when there is none, or it is no number. */
  evaluateI64(absent: i64 = 0): i64 {
    const bytes = this.evaluateBytes();
    return bytes == null || bytes.byteLength != 8 ? absent : load<i64>(bytes.dataStart);
  }

  /** The value as a number with a fraction; `absent` when there is none, or it is no number. */
  evaluateF64(absent: f64 = 0): f64 {
    const bytes = this.evaluateBytes();
    return bytes == null || bytes.byteLength != 8 ? absent : load<f64>(bytes.dataStart);
  }

  /** Has Envoy forget the expression. */
  delete(): Status {
    callWith("expr_delete", this.token);
    return getForeignFunctionStatus();
  }
}
