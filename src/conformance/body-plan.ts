// How the body of a phase is cut into chunks.
import type { Test } from "./suite.ts";

/** A body cannot be cut as the test says. */
export class PlanError extends Error {
  override readonly name = "PlanError";
}

/** One call of a body callback. */
export interface Chunk {
  readonly bytes: Buffer;
  readonly endOfStream: boolean;
}

/** The test says how bodies are cut, so a direction has one body. */
export function hasPlan(test: Test): boolean {
  return test.numChunks !== undefined || test.chunkSize !== undefined;
}

/**
 * The chunks of one invocation. Without a plan it is one, and the stream seems to end with each.
 *
 * @throws PlanError for counts and sizes below 1, and for fewer bytes than chunks.
 */
export function planChunks(test: Test, body: Buffer): Chunk[] {
  const size = body.length;
  let pieces = [body];
  if (test.numChunks !== undefined) {
    const count = test.numChunks;
    if (count < 1) throw new PlanError(`num_chunks is ${count}; at least 1 is needed`);
    if (size < count && count > 1)
      throw new PlanError(`a body of ${size} bytes cannot be cut into ${count} chunks (num_chunks)`);
    const length = Math.floor(size / count);
    pieces = Array.from({ length: count }, (_, index) =>
      body.subarray(index * length, index === count - 1 ? size : (index + 1) * length),
    );
  } else if (test.chunkSize !== undefined) {
    if (test.chunkSize < 1n) throw new PlanError(`chunk_size is ${test.chunkSize}; at least 1 is needed`);
    const length = Number(test.chunkSize);
    pieces = Array.from({ length: Math.max(1, Math.ceil(size / length)) }, (_, index) =>
      body.subarray(index * length, (index + 1) * length),
    );
  }
  return pieces.map((bytes, index) => ({ bytes, endOfStream: index === pieces.length - 1 }));
}
