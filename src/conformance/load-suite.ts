// Reads files of test vectors, in text format or YAML.
import { extname } from "node:path";
import { readFileSync } from "node:fs";
import { SuiteError } from "./suite-error.ts";
import { buildSuite } from "./build-message.ts";
import { parseTextFormat } from "./text-format.ts";
import { parseYaml } from "./yaml-suite.ts";
import { toByteString } from "../host/byte-string.ts";
import type { TestSuite } from "./suite.ts";

/** The form of a file of test vectors. */
export type SuiteFormat = "textpb" | "yaml";

/**
 * Reads a suite from the bytes of a file.
 *
 * @param file the name for messages.
 * @throws SuiteError with the place of what is wrong.
 */
export function parseSuite(bytes: Uint8Array, format: SuiteFormat, file: string): TestSuite {
  try {
    if (format === "textpb") return buildSuite(parseTextFormat(toByteString(bytes)));
    return buildSuite(parseYaml(decodeUtf8(bytes)));
  } catch (error) {
    throw error instanceof SuiteError ? error.in(file) : error;
  }
}

/**
 * Reads a suite from a file; `.yaml` and `.yml` are YAML, everything else is text format.
 *
 * @throws SuiteError if there is no such file, it cannot be read, or it is wrong.
 */
export function loadSuite(file: string, name = file): TestSuite {
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (error) {
    throw new SuiteError(`cannot read the test vectors: ${describeFileError(error)}`, null, name, error);
  }
  return parseSuite(bytes, /^\.ya?ml$/i.test(extname(file)) ? "yaml" : "textpb", name);
}

/** What is wrong with a file, without its path. */
export function describeFileError(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "ENOENT") return "there is no such file";
  if (code === "EISDIR") return "it is a folder";
  if (code === "EACCES") return "it may not be read";
  return message;
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (error) {
    throw new SuiteError("the file is not UTF-8", null, "", error);
  }
}
