// All parity cases, by topic.
import { bodies } from "./bodies.ts";
import { grpcCallouts } from "./grpc.ts";
import { callouts } from "./callouts.ts";
import { crashes } from "./crashes.ts";
import { failures } from "./failures.ts";
import { flow } from "./flow.ts";
import { refusedHeaders } from "./refused-headers.ts";
import { headers } from "./headers.ts";
import { inlineHeaders } from "./inline-headers.ts";
import { library } from "./library.ts";
import { availability } from "./availability.ts";
import { lifecycle } from "./lifecycle.ts";
import { localResponses } from "./local-responses.ts";
import { properties } from "./properties.ts";
import { services } from "./services.ts";
import { shared } from "./shared.ts";
import { tcpLibrary } from "./tcp-library.ts";
import { tcpCases } from "./tcp.ts";
import type { ParityCase } from "../case.ts";

export const cases: readonly ParityCase[] = [
  ...[
    ...headers,
    ...refusedHeaders,
    ...inlineHeaders,
    ...lifecycle,
    ...availability,
    ...flow,
    ...bodies,
    ...localResponses,
    ...callouts,
    ...grpcCallouts,
  ],
  ...[...properties, ...shared, ...services, ...failures, ...tcpCases, ...tcpLibrary, ...library, ...crashes],
];
