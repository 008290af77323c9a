// Stream: an HTTP stream that does anything the API offers, in every callback, and answers anything.
import {
  FilterDataStatus,
  FilterHeadersStatus,
  FilterTrailersStatus,
  GrpcStatus,
  HeaderMap,
  HttpContext,
} from "proxy-wasm-as";
import { ownList, useBuffer, useMap, useSystem } from "./act";
import { call, Kept } from "./calls";
import { Dice } from "./dice";
import * as report from "./report";

export class Stream extends HttpContext {
  private kept: Kept = new Kept();
  // A host function called before the constructor's body: the host may call back in.
  private started: f64 = performance.now();

  constructor() {
    super();
    this.act("constructor", this.contextId, 2);
  }

  private map(dice: Dice): HeaderMap {
    switch (dice.next(4)) {
      case 0:
        return this.requestHeaders;
      case 1:
        return this.requestTrailers;
      case 2:
        return this.responseHeaders;
      default:
        return this.responseTrailers;
    }
  }

  /** What acts on the stream as a whole; also from callbacks of others, and when it is gone. */
  flow(dice: Dice): void {
    const headers = dice.next(2) ? ownList(dice) : dice.next(2) ? this.map(dice).entries() : null;
    const status = dice.next(3) ? 200 + dice.next(400) : dice.next(1000);
    switch (dice.next(11)) {
      case 8:
      case 9:
      case 10:
        call(this, this.kept, dice);
        break;
      case 0:
        this.resumeRequest();
        break;
      case 1:
        this.resumeResponse();
        break;
      case 2:
        this.closeRequest();
        break;
      case 3:
        this.closeResponse();
        break;
      case 4:
        this.sendLocalResponse(status, dice.text(), headers, dice.text(), dice.next(20) - 1);
        break;
      case 5:
        this.sendLocalResponseBytes(status, dice.bytes(), headers, dice.text(), GrpcStatus.Unset);
        break;
      case 6:
        if (this.isLocalResponse) this.bufferRequestBody(dice.next(50));
        break;
      default:
        if (dice.next(2)) this.bufferRequestBody(dice.next(50), dice.next(2) == 1);
        else this.bufferResponseBody(dice.next(50), dice.next(2) == 1);
    }
    report.nothing();
  }

  private act(callback: string, seed: u32, most: u32): Dice {
    report.entered(callback, this.contextId);
    const dice = new Dice(seed);
    for (let n = dice.next(most + 1); n > 0; n--) {
      const kind = dice.next(10);
      if (kind < 5) useMap(this.map(dice), dice);
      else if (kind < 7) useBuffer(dice.next(2) ? this.requestBody : this.responseBody, dice);
      else if (kind < 9) useSystem(dice);
      else this.flow(dice);
    }
    return dice;
  }

  /** Mostly what a filter would answer, now and then anything. */
  private static status(dice: Dice): i32 {
    return dice.next(3) ? 0 : dice.next(8) ? dice.next(5) : <i32>dice.next(200) - 100;
  }

  override onRequestHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const dice = this.act("request_headers", numHeaders, 3);
    if (!dice.next(3)) return this.bufferRequestBody(dice.next(50), dice.next(3) == 0);
    return Stream.status(dice);
  }

  override onRequestBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return Stream.status(this.act("request_body", bodySize, 3));
  }

  override onRequestTrailers(numTrailers: u32): FilterTrailersStatus {
    return Stream.status(this.act("request_trailers", numTrailers, 3));
  }

  override onRequestBodyComplete(bodySize: u32): FilterDataStatus {
    return Stream.status(this.act("request_*", bodySize, 3));
  }

  override onRequestBodyTooLarge(bodySize: u32): void {
    if (this.act("request_*", bodySize, 2).next(2)) super.onRequestBodyTooLarge(bodySize);
  }

  override onResponseHeaders(numHeaders: u32, endOfStream: bool): FilterHeadersStatus {
    const dice = this.act("response_headers", numHeaders, 3);
    if (!dice.next(3)) return this.bufferResponseBody(dice.next(50), dice.next(3) == 0);
    return Stream.status(dice);
  }

  override onResponseBody(bodySize: u32, endOfStream: bool): FilterDataStatus {
    return Stream.status(this.act("response_body", bodySize, 3));
  }

  override onResponseTrailers(numTrailers: u32): FilterTrailersStatus {
    return Stream.status(this.act("response_trailers", numTrailers, 3));
  }

  override onResponseBodyComplete(bodySize: u32): FilterDataStatus {
    return Stream.status(this.act("response_*", bodySize, 3));
  }

  override onResponseBodyTooLarge(bodySize: u32): void {
    if (this.act("response_*", bodySize, 2).next(2)) super.onResponseBodyTooLarge(bodySize);
  }

  // Called under the id of a root, whichever the host names.

  override onHttpCallResponse(callId: u32, numHeaders: u32, bodySize: u32, numTrailers: u32): void {
    const dice = new Dice(callId + bodySize);
    useMap(dice.next(2) ? this.httpCallResponseHeaders : this.httpCallResponseTrailers, dice, true);
    useBuffer(this.httpCallResponseBody, dice);
    this.flow(dice);
  }

  override onGrpcReceiveInitialMetadata(callId: u32, numElements: u32): void {
    useMap(this.grpcInitialMetadata, new Dice(callId), true);
  }

  override onGrpcReceive(callId: u32, messageSize: u32): void {
    const dice = new Dice(callId + messageSize);
    useBuffer(this.grpcMessage, dice);
    this.flow(dice);
  }

  override onGrpcReceiveTrailingMetadata(callId: u32, numElements: u32): void {
    useMap(this.grpcTrailingMetadata, new Dice(callId), true);
  }

  override onGrpcClose(callId: u32, status: GrpcStatus): void {
    if (this.grpcStatusMessage.length > 1024 || status > GrpcStatus.Unauthenticated) unreachable();
    report.nothing();
    this.flow(new Dice(callId));
  }

  override onLog(): void {
    this.act("log", this.contextId * 3 + 1, 3);
  }

  override onDone(): bool {
    return this.act("done", this.contextId * 3 + 2, 3).next(2) == 1;
  }

  override onDelete(): void {
    this.act("delete", this.contextId * 3 + 3, 3);
    if (this.started < 0) unreachable();
  }
}
