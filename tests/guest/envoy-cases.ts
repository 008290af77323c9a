// What the filter of assembly/envoy.ts is configured with, and what it logs for each task.
import { generateKeyPairSync } from "node:crypto";

/** A fresh pair of keys in the form that the filter reads: private PEM and DER, public PEM and DER. */
export function keys(): Buffer {
  const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const all = [
    Buffer.from(privateKey.export({ type: "pkcs8", format: "pem" })),
    privateKey.export({ type: "pkcs8", format: "der" }),
    Buffer.from(publicKey.export({ type: "spki", format: "pem" })),
    publicKey.export({ type: "spki", format: "der" }),
  ];
  return Buffer.concat(
    all.flatMap((key) => {
      const length = Buffer.alloc(4);
      length.writeUInt32LE(key.length);
      return [length, key];
    }),
  );
}

/** Lines while a root is configured. */
export const CONFIGURED: readonly string[] = [
  "declare = 0",
  "twice = 2",
  "read-only = 0",
  "schema = 0",
  "state on the root = 1",
  "clear on the root = 0",
];

/** Lines by task: the same in the embedded host and in Envoy. */
export const TASKS: Readonly<Record<string, readonly string[]>> = {
  compression: ["compress = true", "uncompress = true", "not compressed = true3", "nothing = 0"],
  signatures: [
    'sign = 0true""true',
    'verify = 0true""false',
    'other text = 0false"Failed to verify digest. Error code: 0"false',
    'sign with bytes = 0true""true',
    'verify with bytes = 0true""false',
    'crossed = 0false"Failed to verify digest. Error code: 0"false',
    'no hash = 0false"nohash is not supported."false',
    'no key = 2false""false',
    'no public key = 2false""false',
    'bad private key = 0false"Invalid key type: private key required for signing operation."false',
    'bad bytes = 0false"Invalid key type: private key required for signing operation."false',
    'bad key = 0false"Failed to initialize digest verify."false',
  ],
  declare: [
    "proxy-wasm-as: declareProperty refused: only a root can declare, in onConfigure",
    "declare on a stream = 2",
    "before = null",
    "set = 00",
    'get = "b"',
    "set once = 02",
    'get once = "a"',
    'log = "b"',
  ],
  "filter state": [
    "before = null",
    "set = 0",
    'get = "välue"',
    "bytes = 0",
    'cluster = "a-cluster"',
    'log = "välue"',
  ],
  "strange filter state": ["unknown = 1", "empty = 1", "no number = 2", "number = 0"],
  route: [
    "state = 0",
    "clear = 0",
    "proxy-wasm-as: clearRouteCache refused: the request has been routed",
    "clear in response = 2",
    "proxy-wasm-as: clearRouteCache refused: the request has been routed",
    "clear in log = 2",
  ],
};

/** Lines by task that only Envoy can give. */
export const IN_ENVOY: Readonly<Record<string, readonly string[]>> = {
  typed: ["as text in CEL = true", "set message = 0", "as message in CEL = true"],
  expressions: [
    'text = "/!"',
    "as flag = true-7",
    "number = true",
    "fraction = 3.0",
    "flag = true",
    "missing = null10",
    "too early = true",
    "bad = true2",
    "delete = 0",
    "deleted = null1",
  ],
  "kept expression": ["kept = true"],
};
