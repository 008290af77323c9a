// Envoy's foreign functions sign and verify_signature.
import { createPrivateKey, createPublicKey, sign as signBytes, verify as verifyBytes } from "node:crypto";
import type { KeyObject } from "node:crypto";
import { Status } from "./statuses.ts";
import { bytesField, encodeBytes, encodeNumber, parseProto } from "./protobuf.ts";
import type { Answer } from "./hostcalls.ts";

const HASHES: Readonly<Record<string, string>> = {
  sha1: "sha1",
  sha224: "sha224",
  sha256: "sha256",
  sha384: "sha384",
  sha512: "sha512",
};
const EMPTY = Buffer.alloc(0);

/** Arguments {1 hash_function, 2 private_key (PKCS#8 DER), 3 text, 4 private_key_pem}, answer {1 result, 2 signature, 3 error}. */
export function sign(argument: Buffer): Answer<Uint8Array> {
  const fields = parseProto(argument);
  if (fields === null) return Status.BadArgument;
  const hash = (bytesField(fields, 1) ?? EMPTY).toString("utf8").toLowerCase();
  const pem = bytesField(fields, 4);
  if (pem === null && bytesField(fields, 2) === null) return Status.BadArgument;
  const fail = (error: string) => encodeBytes(3, Buffer.from(error));
  let key: KeyObject;
  try {
    key =
      pem === null
        ? createPrivateKey({ key: bytesField(fields, 2) ?? EMPTY, format: "der", type: "pkcs8" })
        : createPrivateKey(pem);
  } catch {
    return fail("Invalid key type: private key required for signing operation.");
  }
  const algorithm = HASHES[hash];
  if (algorithm === undefined) return fail(`${hash} is not supported.`);
  const signature = signBytes(algorithm, bytesField(fields, 3) ?? EMPTY, key);
  return Buffer.concat([encodeNumber(1, 1), encodeBytes(2, signature)]);
}

/** Arguments {1 hash_function, 2 public_key (SPKI DER), 3 signature, 4 text, 5 public_key_pem}, answer {1 result, 2 error}. */
export function verifySignature(argument: Buffer): Answer<Uint8Array> {
  const fields = parseProto(argument);
  if (fields === null) return Status.BadArgument;
  const hash = (bytesField(fields, 1) ?? EMPTY).toString("utf8").toLowerCase();
  const pem = bytesField(fields, 5);
  if (pem === null && bytesField(fields, 2) === null) return Status.BadArgument;
  const fail = (error: string) => encodeBytes(2, Buffer.from(error));
  let key: KeyObject;
  try {
    key =
      pem === null
        ? createPublicKey({ key: bytesField(fields, 2) ?? EMPTY, format: "der", type: "spki" })
        : createPublicKey(pem);
  } catch {
    return fail("Failed to initialize digest verify.");
  }
  const algorithm = HASHES[hash];
  if (algorithm === undefined) return fail(`${hash} is not supported.`);
  const valid = verifyBytes(algorithm, bytesField(fields, 4) ?? EMPTY, key, bytesField(fields, 3) ?? EMPTY);
  return valid ? encodeNumber(1, 1) : fail("Failed to verify digest. Error code: 0");
}
