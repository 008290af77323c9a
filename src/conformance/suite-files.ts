// Files that test vectors name, relative to their own folder.
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { describeFileError } from "./load-suite.ts";

/** Reads each file once. */
export class SuiteFiles {
  readonly #folder: string;
  readonly #known = new Map<string, Buffer | string>();

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The bytes of the file, or why it cannot be read. */
  read(file: string): Buffer | string {
    let content = this.#known.get(file);
    if (content === undefined) {
      try {
        content = readFileSync(resolve(this.#folder, file));
      } catch (error) {
        content = `the file ${file} cannot be read (relative to the folder of the test vectors): ${describeFileError(error)}`;
      }
      this.#known.set(file, content);
    }
    return content;
  }
}
