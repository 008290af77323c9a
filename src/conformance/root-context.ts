// The root context of the reference host, and the VM's own context of the time before it.
import { ReferenceContext } from "./reference-context.ts";
import { Status } from "../host/statuses.ts";
import type { Answer } from "../host/hostcalls.ts";
import type { ByteString } from "../host/byte-string.ts";

/** Has no headers and no bodies. While the guest starts, the VM lets only logging through to it. */
export class ReferenceRootContext extends ReferenceContext {
  override getProperty(path: ByteString): Answer<ByteString> {
    const name = path.split("\0").filter((segment) => segment !== "");
    return name.join(".") === "plugin_root_id" ? "" : this.unimplemented("proxy_get_property of a root");
  }

  override getHeaderMapValue(): number {
    return this.unimplemented("proxy_get_header_map_value of a root");
  }
  override addHeaderMapValue(): number {
    return this.unimplemented("proxy_add_header_map_value of a root");
  }
  override replaceHeaderMapValue(): number {
    return this.unimplemented("proxy_replace_header_map_value of a root");
  }
  override removeHeaderMapValue(): number {
    return this.unimplemented("proxy_remove_header_map_value of a root");
  }
  override getHeaderMapPairs(): number {
    return this.unimplemented("proxy_get_header_map_pairs of a root");
  }
  override setHeaderMapPairs(): number {
    return this.unimplemented("proxy_set_header_map_pairs of a root");
  }
  override getHeaderMapSize(): number {
    return this.unimplemented("proxy_get_header_map_size of a root");
  }

  /** A root has no stream that could be answered. */
  override sendLocalResponse(): number {
    return Status.Ok;
  }
}
