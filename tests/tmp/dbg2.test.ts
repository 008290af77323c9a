import { test } from "vitest";
import { buildFile } from "/tmp/w/runtime/tests/support/asc.ts";
import { startStub } from "../guest/stub-host.ts";
test("x", async () => {
  const stub = await startStub(await buildFile("tests/guest/assembly/heap.ts", {target:"debug"}), {});
  const g = stub.exports as any;
  g.beginHash(); console.log("empty", g.hashValue()|0, g.nodesMet());
  g.make(0,1,844729); g.beginHash(); console.log("seed 0", g.hashValue()|0, g.nodesMet());
  let hash = 2166136261|0; const mix=(v:number)=>{hash=Math.imul(hash^v,16777619)};
  for(let i=0;i<136;i++) mix(0xffffffff); console.log("seed js", String(hash));
  hash = 2166136261|0; mix(0xffffffff); mix(0); mix(0); mix(0);mix(0xffffffff);mix(0xffffffff);mix(0);mix(0); for(let i=0;i<134;i++) mix(0xffffffff); console.log("seed js", String(hash));
});
test("y", async () => {
  const stub = await startStub(await buildFile("tests/guest/assembly/heap.ts", {target:"debug"}), {});
  const g = stub.exports as any;
  for (const seed of [12*60*5, 1, 12, 60*12, 5*12]) {
  g.make(0,0,seed); g.beginHash();
  let hash = 2166136261|0; const mix=(v:number)=>{hash=Math.imul(hash^v,16777619)};
  mix(seed); const t=`${seed}é`.repeat(seed%12); mix(t.length); for (let i=0;i<t.length;i++) mix(t.charCodeAt(i)); const n=seed%60; mix(n); for(let i=0;i<n;i++)mix((seed+i)&255);
  mix(0xffffffff);mix(0xffffffff);mix(seed%5); for(let i=0;i<seed%5;i++)mix(0xffffffff); mix(0); for(let i=0;i<135;i++) mix(0xffffffff); console.log("seed", seed, String(hash), String(g.hashValue()|0));
  }
});
