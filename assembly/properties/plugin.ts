// Attributes of the plugin.

/**
 * This plugin, as it is configured; in every callback, on roots too.
 * @module
 */
import { getProperty } from "../property";

/** The plugin's `name`. */
export function name(): string | null {
  return getProperty("plugin_name");
}

/** The plugin's `root_id`. */
export function rootId(): string | null {
  return getProperty("plugin_root_id");
}

/** The `vm_id` of its VM. */
export function vmId(): string | null {
  return getProperty("plugin_vm_id");
}
