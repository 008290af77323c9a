// The command line of the benchmark.
import { parseArgs } from "node:util";

export const PARTS = ["size", "vm", "envoy", "memory", "host"] as const;
export type PartName = (typeof PARTS)[number];

/** SDKs that can be left out; the hand-written modules need nothing but the packages of this repository. */
export const PEERS = ["rust", "gcore", "go"] as const;
export type PeerName = (typeof PEERS)[number];

export interface Arguments {
  /** In the order of {@link PARTS}, each once. */
  readonly parts: readonly PartName[];
  readonly peers: readonly PeerName[];
  /** Fewer rounds: shows that all works, and rough figures. */
  readonly quick: boolean;
  /** JSON instead of tables on standard output. */
  readonly json: boolean;
  readonly help: boolean;
}

export const USAGE = `Usage: npm run bench -- [part ...] [--quick] [--json] [--peers NAMES]

Parts, all by default:
  size    bytes of the examples and of the four filters
  vm      time, calls and memory of a request in Node's V8
  envoy   processor time of a request in Envoy, and of loading a module
  memory  memory of Envoy after many requests
  host    requests a second in the embedded host

  --quick        fewer rounds: shows that all works, and rough figures
  --json         JSON instead of tables on standard output
  --peers NAMES  which SDKs to compare with, by commas: ${PEERS.join(",")} (all by default), or none
  --help         this text`;

/** Reads the arguments. Throws an Error that says what is wrong with them. */
export function parseArguments(given: readonly string[]): Arguments {
  const { values, positionals } = parseArgs({
    args: [...given],
    allowPositionals: true,
    options: {
      quick: { type: "boolean", default: false },
      json: { type: "boolean", default: false },
      help: { type: "boolean", default: false },
      peers: { type: "string", default: PEERS.join(",") },
    },
  });
  const named = chosen(positionals, PARTS, "part");
  const peers = values.peers === "none" ? [] : chosen(values.peers.split(","), PEERS, "peer");
  return {
    parts: named.length > 0 ? named : PARTS,
    peers,
    quick: values.quick,
    json: values.json,
    help: values.help,
  };
}

function chosen<T extends string>(given: readonly string[], known: readonly T[], what: string): T[] {
  const wrong = given.find((each) => !(known as readonly string[]).includes(each));
  if (wrong !== undefined) {
    throw new Error(`There is no ${what} ${JSON.stringify(wrong)}: there are ${known.join(", ")}.`);
  }
  return known.filter((each) => given.includes(each));
}
