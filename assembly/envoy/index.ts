// The public names of what only Envoy has, imported as "proxy-wasm-as/envoy".
export { StatsUpdate } from "./stats-sink";
export { compress, uncompress } from "./compression";
export { CelExpression } from "./expression";
export {
  declareProperty,
  LifeSpan,
  PropertyType,
  setEnvoyFilterState,
  setEnvoyFilterStateBytes,
} from "./filter-state";
export { clearRouteCache } from "./route-cache";
export {
  sign,
  SignatureResult,
  signWithKeyBytes,
  verifySignature,
  verifySignatureWithKeyBytes,
} from "./signature";
