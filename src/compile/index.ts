// Builds a filter's project.
export { AsconfigChain, PRESET } from "./asconfig.ts";
export { build, type Build, type BuildOptions } from "./build.ts";
export { BuildError } from "./build-error.ts";
export { formatBuild } from "./format.ts";
export { moduleName } from "./project.ts";
export { watch, type WatchEvents } from "./watch.ts";
