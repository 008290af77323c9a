// Envoy's foreign function clear_route_cache.
import { Status } from "../abi/types";
import { phase, Phase, trackActive } from "../active-context";
import { callForeign, getForeignFunctionStatus } from "../foreign-function";
import { refuse } from "../line";

/**
 * Has Envoy choose the route anew, in a request callback. Changing request headers does so by itself; this is for routes
 * that match on something else, such as filter state. In other callbacks it is refused: Envoy calls that a bug of its own.
 */
export function clearRouteCache(): Status {
  if (trackActive && phase > Phase.RequestTrailers && phase != Phase.Other)
    return refuse("clearRouteCache", "the request has been routed");
  callForeign("clear_route_cache", 0, 0);
  return getForeignFunctionStatus();
}
