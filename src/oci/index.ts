// Public face of the images: their names, their layouts, registries.
export { LAYOUTS, buildImage, digestOf, type Image, type Layout, type ModuleFacts } from "./image.ts";
export { OciError } from "./error.ts";
export { findCredentials, type Credentials } from "./credentials.ts";
export { formatReference, parseReference, type ImageReference } from "./reference.ts";
export { pullModule, type PulledModule } from "./pull.ts";
export { pushImage, type PushOptions } from "./push.ts";
export { writeLayout } from "./layout-folder.ts";
export type { RegistryOptions } from "./registry.ts";
