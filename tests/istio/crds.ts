// Checks resources against the schemas of Istio's custom resource definitions, with unknown fields as errors.
import { Ajv, type ValidateFunction } from "ajv";
import { readFileSync } from "node:fs";

interface Crd {
  readonly kind: string;
  readonly group: string;
  readonly version: string;
  readonly schema: Schema;
}

type Schema = { [key: string]: unknown };

const validators = new Map<string, { crd: Crd; check: ValidateFunction }>();

/** What is wrong with a resource; empty if nothing is. */
export function schemaErrors(resource: Record<string, unknown>): string[] {
  const { apiVersion, kind, metadata, ...rest } = resource;
  const { crd, check } = validator(String(kind));
  const errors = apiVersion === `${crd.group}/${crd.version}` ? [] : [`apiVersion ${String(apiVersion)}`];
  if (typeof metadata !== "object") errors.push("no metadata");
  if (!check(rest))
    errors.push(...(check.errors ?? []).map((error) => `${error.instancePath} ${error.message}`));
  return errors;
}

function validator(kind: string): { crd: Crd; check: ValidateFunction } {
  const known = validators.get(kind);
  if (known) return known;
  const crd = JSON.parse(readFileSync(new URL(`crds/${kind}.json`, import.meta.url), "utf8")) as Crd;
  const ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  const made = { crd, check: ajv.compile(strict(crd.schema) as Schema) };
  validators.set(kind, made);
  return made;
}

/** Kubernetes drops fields that a schema does not name; here they are errors. */
function strict(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(strict);
  if (typeof schema !== "object" || schema === null) return schema;
  const result = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, strict(value)]),
  ) as Schema;
  const open = result["x-kubernetes-preserve-unknown-fields"] === true || "additionalProperties" in result;
  if (result["type"] === "object" && "properties" in result && !open) result["additionalProperties"] = false;
  return result;
}
