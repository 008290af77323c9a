// Names of Kubernetes: of resources, namespaces and secrets, and labels.
import { IstioConfigError } from "./error.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const LABEL_PART = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const MAX_NAME = 253;
const MAX_LABEL = 63;

/** Refuses what is no name of a resource: at most 253 of a-z, 0-9, `-` and `.`, with a letter or digit at each end. */
export function checkResourceName(what: string, name: string): void {
  if (name.length <= MAX_NAME && name.split(".").every((part) => LABEL.test(part))) return;
  throw new IstioConfigError(
    `${what} cannot be ${JSON.stringify(name)}`,
    "A name in Kubernetes has small letters, digits, '-' and '.', at most 253, and a letter or digit at each end.",
  );
}

/** Refuses what is no name of a namespace. */
export function checkNamespace(name: string): void {
  if (name.length <= MAX_LABEL && LABEL.test(name)) return;
  throw new IstioConfigError(
    `the namespace cannot be ${JSON.stringify(name)}`,
    "A namespace in Kubernetes has small letters, digits and '-', at most 63, and a letter or digit at each end.",
  );
}

/** Refuses a selector that Kubernetes or Istio would not take. */
export function checkLabels(labels: Readonly<Record<string, string>>): void {
  for (const [key, value] of Object.entries(labels)) {
    const [name = "", prefix, more] = key.split("/").reverse();
    const goodKey =
      more === undefined &&
      (prefix === undefined ||
        (prefix.length <= MAX_NAME && prefix.split(".").every((part) => LABEL.test(part)))) &&
      name.length <= MAX_LABEL &&
      LABEL_PART.test(name);
    if (!goodKey) throw labelError(`there is no label ${JSON.stringify(key)}`);
    if (value.length > MAX_LABEL || (value !== "" && !LABEL_PART.test(value)))
      throw labelError(`the label ${key} cannot have the value ${JSON.stringify(value)}`);
  }
}

function labelError(message: string): IstioConfigError {
  return new IstioConfigError(
    message,
    "A selector has labels of pods, such as app=web. Letters, digits, '-', '_' and '.', at most 63; no wildcards.",
  );
}
