// What a module can do with headers, bodies, local responses and properties, quirks of the reference host included.
import { describe, expect, it } from "vitest";

import { OUT, callback, guest, logAnswer, logOut, logStatus, logText } from "../host/guest.ts";
import { failures, logged, runOne } from "./run.ts";

type Text = (value: string | Uint8Array) => string;
type Body = (text: Text) => string;

/** A guest that does something in one callback. */
function during(name: string, body: Body, answer?: number): Uint8Array {
  return guest((text) => callback(`proxy_on_${name}`, body(text), answer));
}

const get = (type: number, name: string): string =>
  logAnswer(`(call $proxy_get_header_map_value (i32.const ${type}) ${name}`);
const change = (call: string, type: number, ...values: string[]): string =>
  `(call $proxy_${call}_header_map_value (i32.const ${type}) ${values.join(" ")})`;

describe("header maps", () => {
  it("are sorted, with one value a name, in the first spelling", async () => {
    const wasm = during("request_headers", (text) =>
      [
        change("add", 0, text("B-Name"), text("2")),
        change("add", 0, text("B-NAME"), text("3")),
        change("add", 0, text("empty"), text("now")),
        change("replace", 0, text("c"), text("new")),
        change("replace", 0, text("D"), text("made")),
        change("remove", 0, text("GONE")),
        change("remove", 0, text("never")),
        change("remove", 0, text("again")),
        change("add", 0, text("AGAIN"), text("x")),
      ]
        .map((call) => `(drop ${call})`)
        .join(""),
    );
    const result = await runOne(
      wasm,
      `request_headers {
        input {
          header { key: "again" value: "y" } header { key: "C" value: "old" } header { key: "gone" value: "z" }
          header { key: "b-name" value: "" } header { key: "a" value: "1" } header { key: "A" value: "2" }
          header { key: "Empty" } header { key: ":path" value: "/" }
        }
        result { headers { exact: "nothing" } }
      }`,
    );
    expect(result.failures[0]!.actual!.split("\n")).toEqual([
      ":path: /",
      "a: 1, 2",
      "AGAIN: x",
      "b-name: 2, 3",
      "C: new",
      "D: made",
      "Empty: now",
    ]);
  });

  it("are those of the phase; others are a bad argument, and a root has none", async () => {
    const probe: Body = (text) =>
      [0, 1, 2, 3, 6].map((type) => get(type, text("a"))).join("") +
      logStatus(change("add", 2, text("b"), text("1"))) +
      logStatus(`(call $proxy_set_header_map_pairs (i32.const 1) ${text("")})`) +
      logStatus(
        `(call $proxy_get_header_map_pairs (i32.const 3) (i32.const ${OUT}) (i32.const ${OUT + 4}))`,
      ) +
      logStatus(`(call $proxy_get_header_map_size (i32.const 9) (i32.const ${OUT}))`);
    const input = 'input { header { key: "a" value: "v" } }';
    const bad = ["02", "02", "02"];
    expect(await logged(during("request_headers", probe), `request_headers { ${input} }`)).toEqual([
      "v",
      ...["02", "02", "02", "02"],
      ...["02", ...bad],
    ]);
    expect(await logged(during("response_headers", probe), `response_headers { ${input} }`)).toEqual([
      ...["02", "02", "v", "02", "02"],
      ...["00", ...bad],
    ]);
    const nowhere = new Array(9).fill("02") as string[];
    for (const phase of ["request_body", "response_body"])
      expect(await logged(during(phase, probe), `request_headers { ${input} } ${phase} {}`)).toEqual(nowhere);
    // Callbacks of the stream, then of the root, whose answer is 12.
    for (const phase of ["done", "delete"])
      expect(await logged(during(phase, probe, phase === "done" ? 1 : 0), "")).toEqual([
        ...nowhere,
        ...(new Array(9).fill("12") as string[]),
      ]);
  });

  it("are read and replaced as a whole", async () => {
    const wasm = during(
      "response_headers",
      (text) =>
        `(drop (call $proxy_get_header_map_size (i32.const 2) (i32.const ${OUT})))
         ${logStatus(`(i32.load (i32.const ${OUT}))`)}
         ${logAnswer("(call $proxy_get_header_map_pairs (i32.const 2)")}
         ${logStatus(`(call $proxy_set_header_map_pairs (i32.const 2) ${text("\x02\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0X\x001\0x\x002\0")})`)}`,
    );
    const result = await runOne(
      wasm,
      `response_headers {
        input { header { key: "b" value: "22" } header { key: "A" value: "1" } }
        result { headers { exact: "X: 1, 2" } no_header { key: "a" } no_header { key: "b" } }
      }`,
    );
    expect(result.failures).toEqual([]);
    expect(result.log).toEqual([
      "info: 05",
      "info: \x02\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x02\0\0\0A\x001\0b\x0022\0",
      "info: 00",
    ]);
  });

  it("that are empty are delivered as no bytes, and so are empty values", async () => {
    const wasm = during(
      "request_headers",
      (text) =>
        `${get(0, text("e"))} ${logStatus(`(i32.load (i32.const ${OUT}))`)}
         (drop ${change("remove", 0, text("e"))})
         ${logAnswer("(call $proxy_get_header_map_pairs (i32.const 0)")}
         ${logStatus(`(i32.load (i32.const ${OUT}))`)} ${get(0, text("e"))}`,
    );
    expect(await logged(wasm, 'request_headers { input { header { key: "e" } } }')).toEqual([
      "",
      "00",
      "",
      "00",
      "01",
    ]);
  });
});

describe("HTTP/1 text", () => {
  const wasm = guest(() => "");
  const headers = async (phase: string, input: string): Promise<string[]> => {
    const fields = `${phase} { input { ${input} } result { headers { exact: "nothing" } } }`;
    const { failures: all } = await runOne(wasm, fields);
    return all[0]!.kind === "error" ? [all[0]!.message] : all[0]!.actual!.split("\n");
  };

  it.for([
    [
      "GET /a?b HTTP/1.1\\nHost: H.com\\nX-A: 1 \\nx-a:\\t2\\n",
      ":authority: H.com|:method: GET|:path: /a?b|x-a: 1, 2",
    ],
    ["POST / HTTP/1.0\\r\\nA:\\r\\n\\r\\n", ":method: POST|:path: /|a: "],
    ["GET / HTTP/1.1\\nHost:\\n", ":method: GET|:path: /|host: "],
    ["GET http://H.com:80 HTTP/1.1\\nHost: x\\n", ":authority: h.com|:method: GET|:path: /|:scheme: http"],
    ["GET https://h:8443/p?q#f HTTP/1.1", ":authority: h:8443|:method: GET|:path: /p?q|:scheme: https"],
    ["GET foo://H HTTP/1.1", ":authority: H|:method: GET|:path: /|:scheme: foo"],
    ["GET h:80 HTTP/1.1", 'Invalid URI: "h:80" is neither a URL nor a path from "/"'],
    ["GET http:// HTTP/1.1", 'Invalid URI: "http://" is neither a URL nor a path from "/"'],
    ["GET / HTTP/2", 'expected a request line such as "GET / HTTP/1.1", found "GET / HTTP/2"'],
    ["GET / HTTP/1.1\\nno header\\n", 'line 2 is no header: "no header"'],
    ["GET / HTTP/1.1\\nA: 1\\n b\\n", 'line 3 is no header: " b"'],
    ["GET / HTTP/1.1\\nA: \\001\\n", 'line 2 is no header: "A: \x01"'],
    ["GET / HTTP/1.1\\n\\nbody", "there is more behind the empty line that ends the headers, at line 3"],
    ["\\nGET / HTTP/1.1", 'expected a request line such as "GET / HTTP/1.1", found ""'],
  ])("of a request becomes HTTP/2 headers: %s", async ([text, expected]) => {
    expect(await headers("request_headers", `content: "${text}"`)).toEqual(expected!.split("|"));
  });

  it("of a response loses its reason phrase", async () => {
    expect(await headers("response_headers", 'content: "HTTP/1.1 404 Not Found\\nA: b\\n"')).toEqual([
      ":status: 404",
      "a: b",
    ]);
    expect(await headers("response_headers", 'content: "HTTP/1.0 200"')).toEqual([":status: 200"]);
  });

  it("comes from a file before content, and from content before headers", async () => {
    const header = 'header { key: "c" }';
    const content = 'content: "GET / HTTP/1.1"';
    const fromFile = [":authority: example.com", ":method: GET", ":path: /a?b", ":scheme: https", "x-one: 1"];
    expect(await headers("request_headers", `${header} ${content} file: "request.data"`)).toEqual(fromFile);
    expect(await headers("request_headers", `${header} ${content}`)).toEqual([":method: GET", ":path: /"]);
    expect(await headers("request_headers", `${header} content: ""`)).toEqual(["c: "]);
  });
});

describe("bodies", () => {
  /** Logs the size and end of each chunk, and appends a dot to it. */
  const dots = (answer = 0): Uint8Array =>
    during(
      "request_body",
      (text) =>
        `${logStatus("(local.get 1)")} ${logStatus("(local.get 2)")}
         (drop (call $proxy_set_buffer_bytes (i32.const 0) (local.get 1) (i32.const 0) ${text(".")}))`,
      answer,
    );
  const body = (content: string, output: string, more = ""): string =>
    `request_body { input { ${content} } result { body { exact: "${output}" } ${more} } }`;

  it.for([
    ["num_chunks: 3", 'content: "12345678"', "12.34.5678.", ["02", "00", "02", "00", "04", "01"]],
    ["num_chunks: 1", 'content: ""', ".", ["00", "01"]],
    [
      "num_chunks: 5",
      'file: "body.data"',
      "12.34.56.78.90.",
      ["02", "00", "02", "00", "02", "00", "02", "00", "02", "01"],
    ],
    ["chunk_size: 3", 'content: "12345678"', "123.456.78.", ["03", "00", "03", "00", "02", "01"]],
    ["chunk_size: 4", 'content: "12345678"', "1234.5678.", ["04", "00", "04", "01"]],
    ["chunk_size: 9223372036854775807", 'content: "1"', "1.", ["01", "01"]],
    ["chunk_size: 4", 'content: ""', ".", ["00", "01"]],
    ["chunk_size: 4", "", ".", ["00", "01"]],
  ] as const)(
    "are cut as the test says, and put together again: %s of %s",
    async ([plan, input, output, lines]) => {
      expect(await logged(dots(), `${plan} ${body(input, output)}`)).toEqual(lines);
    },
  );

  it("without a plan are one chunk an invocation, each of which ends the stream", async () => {
    expect(await logged(dots(), body('content: "ab"', "ab.") + body('content: "c"', "c."))).toEqual([
      "02",
      "01",
      "01",
      "01",
    ]);
  });

  it.for([0, 1, 2, 3, 99])("go on whatever the callback returns: %d", async (answer) => {
    expect(await failures(dots(answer), `num_chunks: 2 ${body('content: "1234"', "12.34.")}`)).toEqual([]);
  });

  it("have the log of their last chunk alone", async () => {
    const last = 'log { exact: "04" } log { exact: "02" invert: true }';
    expect(
      await failures(dots(), `num_chunks: 2 ${body('content: "123456"', "123.456.", 'log { exact: "03" }')}`),
    ).toEqual([]);
    expect(
      await failures(dots(), `num_chunks: 3 ${body('content: "12345678"', "12.34.5678.", last)}`),
    ).toEqual([]);
  });

  it.for([
    [0, 0, "xy", "xyabcdef"],
    [6, 0, "xy", "abcdefxy"],
    [99, 99, "xy", "abcdefxy"],
    [2, 2, "x", "abxef"],
    [4, 99, "x", "abcdx"],
    [0, 6, "", ""],
    [-1, -1, "x", "abcdefx"],
  ] as const)("are written at %d over %d bytes", async ([start, length, value, output]) => {
    const wasm = during("response_body", (text) =>
      logStatus(
        `(call $proxy_set_buffer_bytes (i32.const 1) (i32.const ${start}) (i32.const ${length}) ${text(value)})`,
      ),
    );
    const fields = `response_body { input { content: "abcdef" } result { body { exact: "${output}" } log { exact: "00" } } }`;
    expect(await failures(wasm, fields)).toEqual([]);
  });

  it("are there in their own callback alone, and the configuration in all", async () => {
    const read = (type: number): string =>
      logAnswer(`(call $proxy_get_buffer_bytes (i32.const ${type}) (i32.const 1) (i32.const 99)`) +
      logStatus(
        `(call $proxy_get_buffer_status (i32.const ${type}) (i32.const ${OUT}) (i32.const ${OUT + 4}))`,
      );
    const probe: Body = (text) =>
      [0, 1, 6, 7].map(read).join("") +
      [0, 1, 7, 8]
        .map((type) =>
          logStatus(
            `(call $proxy_set_buffer_bytes (i32.const ${type}) (i32.const 0) (i32.const 0) ${text("")})`,
          ),
        )
        .join("");
    const options = { configuration: Buffer.from("config") };
    const fields =
      'request_headers {} request_body { input { content: "req" } } response_body { input { content: "res" } }';
    const none = ["01", "01"];
    const configuration = ["onfig", "00"];
    const nowhere = [...none, ...none, ...none, ...configuration, "01", "01", "02", "01"];
    const lines = (phase: string): Promise<string[]> =>
      logged(during(phase, probe, phase === "configure" ? 1 : 0), fields, options);
    expect(await lines("configure")).toEqual(nowhere);
    expect(await lines("request_headers")).toEqual(nowhere);
    expect(await lines("request_body")).toEqual([
      ...["eq", "00", ...none, ...none, ...configuration],
      ...["00", "01", "02", "01"],
    ]);
    expect(await lines("response_body")).toEqual([
      ...[...none, "es", "00", ...none, ...configuration],
      ...["01", "00", "02", "01"],
    ]);
  });

  it("without configuration the configuration has no bytes", async () => {
    const wasm = during(
      "configure",
      () =>
        logStatus("(local.get 1)") +
        logAnswer("(call $proxy_get_buffer_bytes (i32.const 7) (i32.const 0) (i32.const 99)") +
        logStatus(`(i32.load (i32.const ${OUT}))`),
    );
    expect(await logged(wasm, "")).toEqual(["00", "", "00"]);
  });
});

describe("local responses", () => {
  const pairs = "\x02\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0\x01\0\0\0H\x001\0h\x002\0";
  const send = (text: Text, status = 403): string =>
    logStatus(
      `(call $proxy_send_local_response (i32.const ${status}) ${text("why")} ${text("no!")} ${text(pairs)} (i32.const 7))`,
    );
  const met =
    'immediate { http_status: 403 grpc_status: 7 details: "why" } body { exact: "no!" } headers { exact: "H: 2" } no_header { key: "a" }';

  it.for(["request_headers", "response_headers"])(
    "sent in %s are its result, whatever it returns",
    async (phase) => {
      for (const answer of [0, 1, 2, 4])
        expect(
          await failures(
            during(phase, (text) => send(text), answer),
            `${phase} { input { header { key: "a" } } result { ${met} log { exact: "00" } } }`,
          ),
        ).toEqual([]);
    },
  );

  it("have the map on which the same callback then works", async () => {
    const wasm = during(
      "request_headers",
      (text) => send(text) + get(0, text("h")) + `(drop ${change("add", 0, text("H"), text("3"))})`,
    );
    const fields =
      'request_headers { result { immediate {} has_header { key: "h" value: "2, 3" } log { exact: "2" } } }';
    expect(await failures(wasm, fields)).toEqual([]);
  });

  it("keep later phases from the module: their results are empty", async () => {
    const wasm = guest((text) =>
      ["request_headers", "request_body", "response_headers", "response_body", "done"]
        .map((name) =>
          callback(
            `proxy_on_${name}`,
            name === "request_headers" ? send(text) : logText(text(name)),
            name === "done" ? 1 : 0,
          ),
        )
        .join(""),
    );
    const result = await runOne(
      wasm,
      `request_headers { result { ${met} } }
       request_body { input { content: "x" } result { body { exact: "" } log { regex: ".*" invert: true } } }
       response_headers { input { content: "malformed" } result { no_header { key: "a" } body { exact: "" } } }
       response_body { input { file: "missing.data" } result { body { exact: "" } } }
       stream_destroy { log { exact: "done" } }`,
    );
    expect(result.failures).toEqual([]);
    expect(result.log).toEqual(["info: 00", "info: done", "info: done"]);
  });

  it("of a request body skip what comes later, and cannot be checked", async () => {
    const wasm = guest(
      (text) =>
        callback("proxy_on_request_body", send(text) + logText(text("called"))) +
        callback("proxy_on_response_headers", "(unreachable)"),
    );
    const result = await runOne(
      wasm,
      `chunk_size: 2
       request_body { input { content: "abcd" } result { body { exact: "ab" } immediate {} log { regex: ".*" invert: true } } }
       response_headers { result { no_header { key: "h" } } }`,
    );
    expect(result.failures).toMatchObject([
      {
        phase: "request_body",
        field: "immediate",
        message: "local responses cannot be checked in body phases: no status is kept",
      },
    ]);
    expect(result.log).toEqual(["info: 00", "info: called"]);
  });

  it.for(["context_create", "configure", "response_body", "done", "delete"])(
    "sent in %s have no effect, and the host says Ok",
    async (name) => {
      const wasm = during(name, (text) => send(text), name === "configure" || name === "done" ? 1 : 0);
      const phases = name === "response_body" ? "" : "request_headers {}";
      const fields = `${phases} ${'response_body { input { content: "x" } result { body { exact: "x" } } }'.repeat(2)}`;
      const result = await runOne(wasm, fields);
      expect(result.failures).toEqual([]);
      expect(new Set(result.log)).toEqual(new Set(["info: 00"]));
    },
  );

  it("with status 0 are none that an expectation could mean", async () => {
    const wasm = during("request_headers", (text) => send(text, 0));
    expect(await failures(wasm, "request_headers { result { immediate {} } }")).toEqual([
      "check request_headers.immediate: no local response was sent",
    ]);
  });
});

describe("properties", () => {
  const ask =
    (name: string): Body =>
    (text) =>
      logAnswer(`(call $proxy_get_property ${text(name)}`);
  const properties =
    'properties { path: "a.b" value: "\\xff\\x00" } properties { path: "a.b" value: "second" } properties { path: "e" }';

  it.for([
    ["a\0b", "\ufffd\0"],
    ["\0a\0\0b\0", "\ufffd\0"],
    ["a.b", "\ufffd\0"],
    ["e", ""],
    ["a", "01"],
    ["", "01"],
  ])("of a stream are found by their joined path: %j", async ([name, expected]) => {
    for (const phase of ["request_headers", "response_body", "delete"]) {
      const lines = await logged(
        during(phase, ask(name!)),
        `${properties} request_headers {} response_body {}`,
      );
      expect(lines[0]).toBe(expected);
    }
  });

  it("of a root are its root id, which is empty", async () => {
    expect(await logged(during("configure", ask("plugin_root_id"), 1), properties)).toEqual([""]);
    expect(await logged(during("configure", ask("a.b"), 1), properties)).toEqual(["12"]);
  });

  it("that are empty are Ok with no pointer", async () => {
    const wasm = during(
      "request_headers",
      (text) => ask("e")(text) + logStatus(`(i32.load (i32.const ${OUT}))`) + logOut,
    );
    expect(await logged(wasm, `${properties} request_headers {}`)).toEqual(["", "00", ""]);
  });
});
