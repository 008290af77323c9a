// Writes a new project into a folder, and over nothing that is there unless it is told to.
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

/** What a folder may hold and still count as empty: a repository that was made before its first file. */
const IGNORED = [".git", ".DS_Store"];

/** Why nothing was written. */
export class ProjectError extends Error {
  override readonly name = "ProjectError";
  readonly advice: string;

  constructor(message: string, advice: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.advice = advice;
  }
}

/** What {@link writeProject} did. */
export interface WrittenProject {
  /** Paths of all files, in the folder. */
  readonly files: readonly string[];
  /** Those of them that were there before, with another content. */
  readonly replaced: readonly string[];
}

/**
 * @param force writes into a folder that is not empty
 * @throws ProjectError if the folder cannot be used. Then nothing was written.
 */
export async function writeProject(
  folder: string,
  files: ReadonlyMap<string, string>,
  force: boolean,
): Promise<WrittenProject> {
  const there = await list(folder);
  if (there.length > 0 && !force) {
    const shown = there.slice(0, 5).join(", ");
    const more = there.length > 5 ? ` and ${there.length - 5} more` : "";
    throw new ProjectError(
      `${folder} is not empty: it has ${shown}${more}`,
      "Name another folder, or write into this one with --force. Files of the same name are replaced then.",
    );
  }
  const replaced: string[] = [];
  for (const [path, text] of files) {
    const before = await readFile(join(folder, path), "utf8").catch(() => null);
    if (before !== null && before !== text) replaced.push(path);
  }
  try {
    for (const [path, text] of files) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
  } catch (error) {
    throw new ProjectError(
      `cannot write into ${folder}: ${(error as Error).message}`,
      "Name another folder, or change what is in the way.",
      error,
    );
  }
  return { files: [...files.keys()].sort(), replaced: replaced.sort() };
}

async function list(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => !IGNORED.includes(name)).sort();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === "ENOENT") return [];
    if (code === "ENOTDIR") throw new ProjectError(`${folder} is no folder`, "Name another one.", error);
    throw new ProjectError(`cannot read ${folder}: ${message}`, "Name another folder.", error);
  }
}
