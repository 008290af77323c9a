// Names of images, and what registries ask for, read.
import { describe, expect, test } from "vitest";

import { formatReference, parseReference } from "../../src/oci/index.ts";
import { isLoopback, registryHost } from "../../src/oci/reference.ts";
import { parseChallenges } from "../../src/oci/challenge.ts";

const DIGEST = `sha256:${"ab".repeat(32)}`;

test.each([
  ["oci://ghcr.io/team/filter:1.0", "ghcr.io", "team/filter", "1.0", undefined],
  ["ghcr.io/team/filter", "ghcr.io", "team/filter", undefined, undefined],
  [`127.0.0.1:5000/a/b/c:t@${DIGEST}`, "127.0.0.1:5000", "a/b/c", "t", DIGEST],
  [`localhost/a_b.c--d/e__f@${DIGEST}`, "localhost", "a_b.c--d/e__f", undefined, DIGEST],
  ["[::1]:5000/a:b", "[::1]:5000", "a", "b", undefined],
  ["docker.io/me/filter:1", "docker.io", "me/filter", "1", undefined],
  ["docker.io/filter:1", "docker.io", "library/filter", "1", undefined],
])("%s", (text, registry, repository, tag, digest) => {
  const reference = parseReference(text);
  expect(reference).toEqual({ registry, repository, tag, digest });
  expect(parseReference(formatReference(reference))).toEqual(reference);
});

test.each([
  ["", /begins with the registry's host/],
  ["filter:1", /begins with the registry's host/],
  ["team/filter:1", /begins with the registry's host/],
  ["https://ghcr.io/a/b:1", /its scheme is oci, or none/],
  ["ghcr.io/:1", /small letters/],
  ["ghcr.io/Team/a:1", /small letters/],
  ["ghcr.io/a//b:1", /small letters/],
  ["ghcr.io/../b:1", /small letters/],
  ["ghcr.io/a:b:c", /a tag has/],
  ["ghcr.io/a:.b", /a tag has/],
  [`ghcr.io/a:${"t".repeat(129)}`, /a tag has/],
  ["ghcr.io/a@sha256:abc", /64 digits/],
  [`ghcr.io/a@${DIGEST}@${DIGEST}`, /64 digits/],
  ["gh cr.io/a:1", /is no host/],
  ["a.b:99999/a:1", /is no host/],
  [`a.b/${"x".repeat(256)}:1`, /small letters/],
])("%j is refused", (text, reason) => {
  expect(() => parseReference(text)).toThrow(reason);
});

test("Docker Hub is another server; this machine is known by its names", () => {
  expect(registryHost(parseReference("docker.io/a/b:1"))).toBe("registry-1.docker.io");
  expect(registryHost(parseReference("ghcr.io/a/b:1"))).toBe("ghcr.io");
  expect(
    ["localhost", "localhost:1", "127.0.0.1:5000", "127.9.9.9", "[::1]:5"].filter(
      (each) => !isLoopback(each),
    ),
  ).toEqual([]);
  expect(["127.0.0.1.example.com", "localhost.example", "128.0.0.1", "10.0.0.1"].filter(isLoopback)).toEqual(
    [],
  );
});

describe("challenges", () => {
  test.each([
    ['Basic realm="a, b"', [{ scheme: "basic", parameters: { realm: "a, b" } }]],
    [
      'Bearer realm="https://a/token",service="s",scope="repository:a/b:pull,push"',
      [
        {
          scheme: "bearer",
          parameters: { realm: "https://a/token", service: "s", scope: "repository:a/b:pull,push" },
        },
      ],
    ],
    [
      'Negotiate, BASIC realm=x , Bearer realm="y\\"z"',
      [
        { scheme: "negotiate", parameters: {} },
        { scheme: "basic", parameters: { realm: "x" } },
        { scheme: "bearer", parameters: { realm: 'y"z' } },
      ],
    ],
    ["", []],
  ])("%s", (header, expected) => {
    expect(parseChallenges(header)).toEqual(expected);
  });
});
