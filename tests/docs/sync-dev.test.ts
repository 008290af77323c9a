import { readFileSync, writeFileSync } from "node:fs";
import { test } from "vitest";
import { compile } from "../transform/compile.ts";
import { blocks, difference } from "./markdown.ts";
const IMPORTS='import { FilterDataStatus, FilterHeadersStatus, HeaderList, HttpContext, registerHttpContext, Status } from "proxy-wasm-as";';
const members=(t:string)=>`${IMPORTS}\nclass MyFilter extends HttpContext {\n${t}}\nregisterHttpContext<MyFilter>();\n`;
test("sync", async()=>{
  for (const p of ["docs/assemblyscript-for-typescript-authors.md"]) {
    let text=readFileSync(p,"utf8"); const all=blocks(text); const lines=text.split("\n");
    for (const [i,b] of all.entries()) {
      if (b.language!=="ts"||!(b.words.includes("fails")||b.words.includes("warns"))) continue;
      const src=b.words.includes("members")?members(b.text):b.words.includes("callback")?members(`override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {\n${b.text}return FilterHeadersStatus.Continue;\n}\n`):b.text;
      const {printed}=await compile({"assembly/index.ts":src});
      const said=printed.split("\n").filter(l=>/^(ERROR|WARNING) /.test(l));
      const q=all[i+1]!; const old=q.text.trimEnd();
      if (!said.some(s=>difference(old,s)===undefined)) { console.log("OLD",old,"\nNEW",said.join("\n    ")); lines[q.line-1]=said[0]!; }
    }
    writeFileSync(p,lines.join("\n"));
  }
}, 200000);
