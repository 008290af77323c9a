// The attributes of Envoy with their types.

/**
 * The attributes of Envoy, each with its type: `properties.request.path()`, `properties.response.code()`. Text that is absent in
 * a callback is `null`; a number that is absent is what the argument says, 0 by default.
 * @module
 */
import * as connection from "./connection";
import * as destination from "./destination";
import * as filterState from "./filter-state";
import * as metadata from "./metadata";
import * as plugin from "./plugin";
import * as request from "./request";
import * as response from "./response";
import * as source from "./source";
import * as upstream from "./upstream";
import * as xds from "./xds";

export { connection, destination, filterState, metadata, plugin, request, response, source, upstream, xds };
