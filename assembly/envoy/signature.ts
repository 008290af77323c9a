// Envoy's foreign functions sign and verify_signature.
import { Status } from "../abi/types";
import { textOf } from "../call-rules";
import { callForeign, getForeignFunctionStatus } from "../foreign-function";
import { MessageReader, MessageWriter } from "./message";

/** What {@link sign} and {@link verifySignature} answer. */
@final
export class SignatureResult {
  /** How the call itself ended. */
  status: Status = Status.Ok;
  /** Whether it was signed, or whether the signature is right. */
  ok: bool = false;
  /** The signature, empty where none was made. */
  signature: Uint8Array = new Uint8Array(0);
  /** Envoy's reason where `ok` is false and `status` is `Ok`; else `""`. */
  error: string = "";
}

function call(name: string, argument: MessageWriter, errorField: u32): SignatureResult {
  const result = new SignatureResult();
  const answer = callForeign(name, argument.start, argument.length);
  result.status = getForeignFunctionStatus();
  if (answer == null) return result;
  const reader = new MessageReader(answer);
  while (reader.next()) {
    if (reader.field == 1) result.ok = reader.value != 0;
    else if (reader.field == errorField) {
      const text = reader.bytes();
      result.error = textOf(text.dataStart, text.byteLength);
    } else if (reader.field == 2) result.signature = reader.bytes();
  }
  return result;
}

/**
 * Signs a text with a private key in PEM (`-----BEGIN PRIVATE KEY-----`). `hash` is `sha1`, `sha224`, `sha256`, `sha384`
 * or `sha512`.
 */
export function sign(hash: string, privateKeyPem: string, text: Uint8Array): SignatureResult {
  const argument = new MessageWriter();
  argument.text(1, hash);
  argument.bytes(3, text);
  argument.text(4, privateKeyPem);
  return call("sign", argument, 3);
}

/** Like {@link sign}, with the key's bytes (PKCS #8, DER). */
export function signWithKeyBytes(hash: string, privateKey: Uint8Array, text: Uint8Array): SignatureResult {
  const argument = new MessageWriter();
  argument.text(1, hash);
  argument.bytes(2, privateKey);
  argument.bytes(3, text);
  return call("sign", argument, 3);
}

/** Whether a text was signed with the private key of a public one in PEM (`-----BEGIN PUBLIC KEY-----`). */
export function verifySignature(
  hash: string,
  publicKeyPem: string,
  signature: Uint8Array,
  text: Uint8Array,
): SignatureResult {
  const argument = new MessageWriter();
  argument.text(1, hash);
  argument.bytes(3, signature);
  argument.bytes(4, text);
  argument.text(5, publicKeyPem);
  return call("verify_signature", argument, 2);
}

/** Like {@link verifySignature}, with the key's bytes (SPKI, DER). */
export function verifySignatureWithKeyBytes(
  hash: string,
  publicKey: Uint8Array,
  signature: Uint8Array,
  text: Uint8Array,
): SignatureResult {
  const argument = new MessageWriter();
  argument.text(1, hash);
  argument.bytes(2, publicKey);
  argument.bytes(3, signature);
  argument.bytes(4, text);
  return call("verify_signature", argument, 2);
}
