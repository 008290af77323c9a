// `npm run build`: compiles src/ to a dist/ that holds nothing else.
import { rmSync } from "node:fs";

import { compile, root } from "./setup.mjs";

rmSync(`${root}dist`, { recursive: true, force: true });
compile();
