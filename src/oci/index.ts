// Public face of the images: their names, their layouts, registries.
export { OciError } from "./error.ts";
export { formatReference, parseReference, type ImageReference } from "./reference.ts";
