// Calls: what a context may ask of clusters, and handlers that read all of the outcome.
import {
  BaseContext,
  Buffer,
  GrpcCallHandler,
  GrpcCallRequest,
  GrpcCallResponse,
  GrpcRequest,
  GrpcStatus,
  GrpcStream,
  GrpcStreamHandler,
  HeaderMap,
  HttpCallHandler,
  HttpCallRequest,
  HttpCallResponse,
} from "proxy-wasm-as";
import { ownList, useBuffer, useMap } from "./act";
import { Dice } from "./dice";
import * as report from "./report";

/** What a context keeps of its calls, to use it when it is over. */
export class Kept {
  response: HttpCallResponse | null = null;
  grpcResponse: GrpcCallResponse | null = null;
  streams: GrpcStream[] = [];
}

function useResponse(response: HttpCallResponse, dice: Dice, kept: Kept | null): void {
  report.nothing();
  if (response.status > 999 || (response.numHeaders == 0 && response.status)) unreachable();
  useMap(dice.next(2) ? response.headers : response.trailers, dice, true);
  if (dice.next(2)) useBuffer(response.body, dice);
  if (kept == null) return;
  const old = kept.response;
  if (old != null && !dice.next(3)) useMap(old.headers, dice, true);
  if (response.bodySize + response.numTrailers > dice.next(100)) kept.response = response;
}

class Answer extends HttpCallHandler {
  constructor(
    private context: BaseContext,
    private kept: Kept,
    private seed: u32,
  ) {
    super();
  }

  onResponse(response: HttpCallResponse): void {
    const dice = new Dice(this.seed);
    useResponse(response, dice, this.kept);
    if (!dice.next(3)) call(this.context, this.kept, dice);
  }
}

function useGrpcResponse(response: GrpcCallResponse, dice: Dice, kept: Kept | null): void {
  report.nothing();
  if (response.status < 0 || response.status > 16 || response.statusMessage.length > 1024) unreachable();
  useBuffer(response.message, dice);
  if (kept == null) return;
  const old = kept.grpcResponse;
  if (old != null && old.callId != response.callId && !dice.next(3)) useBuffer(old.message, dice);
  if (dice.next(2)) kept.grpcResponse = response;
}

class GrpcAnswer extends GrpcCallHandler {
  constructor(
    private context: BaseContext,
    private kept: Kept,
    private seed: u32,
  ) {
    super();
  }

  onResponse(response: GrpcCallResponse): void {
    const dice = new Dice(this.seed);
    useGrpcResponse(response, dice, this.kept);
    if (!dice.next(3)) call(this.context, this.kept, dice);
  }
}

class Chat extends GrpcStreamHandler {
  constructor(private seed: u32) {
    super();
  }

  override onInitialMetadata(stream: GrpcStream, metadata: HeaderMap): void {
    useMap(metadata, new Dice(this.seed), true);
    useStream(stream, new Dice(this.seed));
  }

  override onMessage(stream: GrpcStream, message: Buffer): void {
    useBuffer(message, new Dice(this.seed));
    useStream(stream, new Dice(this.seed));
  }

  override onTrailingMetadata(stream: GrpcStream, metadata: HeaderMap): void {
    useMap(metadata, new Dice(this.seed), true);
  }

  override onClose(stream: GrpcStream, status: GrpcStatus, message: string): void {
    report.nothing();
    if (status < 0 || status > 16 || message.length > 1024 || stream.isOpen) unreachable();
    useStream(stream, new Dice(this.seed));
  }
}

function useStream(stream: GrpcStream, dice: Dice): void {
  switch (dice.next(5)) {
    case 0:
      stream.close();
      break;
    case 1:
      stream.cancel();
      if (stream.isOpen) unreachable();
      break;
    default:
      stream.send(dice.bytes(), dice.next(6) == 0);
  }
  if ((stream.status != 0) != (stream.streamId == 0) && stream.streamId) unreachable();
  report.nothing();
}

function request(dice: Dice): HttpCallRequest {
  const made = new HttpCallRequest(dice.next(9) ? "cluster" : dice.text(), dice.next(9) ? "/" : dice.text());
  made.timeoutMilliseconds = dice.next(9) ? dice.next(1000) : 0x80000000;
  if (!dice.next(4)) made.method = dice.text();
  if (!dice.next(4)) made.authority = dice.text();
  if (!dice.next(2)) made.headers = ownList(dice);
  if (!dice.next(4)) made.trailers = ownList(dice);
  if (!dice.next(2)) made.body = dice.text();
  if (!dice.next(4)) made.bodyBytes = dice.bytes();
  return made;
}

/** Any call that the API offers, also for a context that is gone. */
export function call(context: BaseContext, kept: Kept, dice: Dice): void {
  const seed = dice.next(0x7fffffff);
  switch (dice.next(10)) {
    case 0:
      context.httpCall(request(dice));
      break;
    case 1:
      context.httpCall(request(dice), (response) => useResponse(response, new Dice(response.callId), null));
      break;
    case 2: {
      const made = request(dice);
      const status = context.httpCallFor(made, dice, (dice, response) => useResponse(response, dice, null));
      if (status && made.callId) unreachable();
      break;
    }
    case 3:
    case 4:
      context.httpCallWith(request(dice), new Answer(context, kept, seed));
      break;
    case 5: {
      const made = new GrpcRequest(
        dice.next(9) ? "cluster" : dice.text(),
        dice.next(9) ? "s" : dice.text(),
        "m",
      );
      if (!dice.next(2)) made.metadata = ownList(dice);
      if (!dice.next(4)) made.authority = dice.text();
      const stream = context.grpcStream(made, dice.next(5) ? new Chat(seed) : null);
      if (kept.streams.length > 6) kept.streams = kept.streams.slice(3);
      kept.streams.push(stream);
      break;
    }
    case 6:
      if (kept.streams.length) useStream(kept.streams[dice.next(kept.streams.length)], dice);
      break;
    default: {
      const made = new GrpcCallRequest("cluster", dice.next(9) ? "s" : dice.text(), "m");
      made.message = dice.bytes();
      made.timeoutMilliseconds = dice.next(9) ? dice.next(1000) : 0x80000000;
      if (!dice.next(4)) made.metadata = ownList(dice);
      switch (dice.next(8)) {
        case 0:
          context.grpcCall(made);
          break;
        case 1:
          context.grpcCall(made, (response) => useGrpcResponse(response, new Dice(response.callId), null));
          break;
        case 2:
          context.grpcCallFor(made, dice, (dice, response) => useGrpcResponse(response, dice, null));
          break;
        default:
          context.grpcCallWith(made, new GrpcAnswer(context, kept, seed));
      }
    }
  }
  report.nothing();
}
