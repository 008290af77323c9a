// Operations of shared state, properties and foreign functions, chosen by dice; reads that the host knows are reported.
import {
  callForeignFunction,
  Counter,
  Gauge,
  getForeignFunctionStatus,
  getProperty,
  getPropertyBool,
  getPropertyBytes,
  getPropertyDuration,
  getPropertyF64,
  getPropertyI64,
  getPropertyList,
  getPropertyMap,
  getPropertyTime,
  getPropertyU64,
  hasProperty,
  Histogram,
  MetricTags,
  properties,
  setProperty,
  SharedData,
  SharedDataBytesUpdater,
  SharedDataUpdater,
  SharedQueue,
} from "proxy-wasm-as";
import {
  CelExpression,
  clearRouteCache,
  compress,
  declareProperty,
  LifeSpan,
  PropertyType,
  setEnvoyFilterState,
  setEnvoyFilterStateBytes,
  sign,
  signWithKeyBytes,
  uncompress,
  verifySignature,
  verifySignatureWithKeyBytes,
} from "proxy-wasm-as/envoy";
import { Dice } from "./dice";
import * as report from "./report";

const counter = new Counter("counter");
const gauge = new Gauge("gauge");
const histogram = new Histogram("histogram");
const tags = new MetricTags();

/** Few names: what is defined stays. */
function useMetrics(dice: Dice): void {
  tags.clear().add(dice.name(), dice.text());
  if (dice.next(2)) tags.clear();
  else tags.clear().add("n", dice.next(4).toString());
  switch (dice.next(8)) {
    case 0:
      counter.increment(dice.next(3));
      break;
    case 1:
      counter.tagged(tags).increment();
      break;
    case 2:
      report.gotNumber(counter.value);
      break;
    case 3:
      gauge.tagged(tags).set(dice.next(9));
      gauge.add(-3);
      break;
    case 4:
      report.gotNumber(gauge.value);
      break;
    case 5:
      histogram.tagged(tags).record(dice.next(9));
      histogram.record(1);
      break;
    default:
      new Counter(dice.next(2) ? "bad\nname" : "other").increment(u64.MAX_VALUE >> dice.next(3));
  }
}

class Shorten extends SharedDataUpdater {
  override update(old: string | null): string | null {
    return old == null || old.length == 0 ? "start" : old.substring(1, 20);
  }
}

class ShortenBytes extends SharedDataBytesUpdater {
  override update(old: Uint8Array | null): Uint8Array | null {
    return old == null ? new Uint8Array(3) : old.length > 2 ? old.subarray(1, 3) : null;
  }
}

function useSharedData(dice: Dice): void {
  const key = dice.name();
  switch (dice.next(8)) {
    case 0:
    case 1: {
      const value = SharedData.get(key);
      report.gotBytes(value == null ? null : value.bytes());
      if (value != null && value.length != value.bytes().length) unreachable();
      if (value != null && dice.next(2)) SharedData.set(key, dice.text(), value.cas);
      break;
    }
    case 2: {
      const value = SharedData.get(key);
      // What the memory is too short for reads as "".
      if (value == null) report.gotText(null);
      else report.gotBufferText(value.text());
      break;
    }
    case 3:
      SharedData.setBytes(key, dice.bytes(), SharedData.ABSENT);
      break;
    case 4:
      SharedData.update(key, (old) => (old == null ? "1" : old.substring(0, 3) + "1"), 3);
      break;
    case 5:
      SharedData.updateWith(key, new Shorten(), 3);
      break;
    case 6:
      SharedData.updateBytes(key, (old) => (old == null ? new Uint8Array(1) : null), 3);
      SharedData.updateBytesWith(key, new ShortenBytes(), 3);
      break;
    default:
      SharedData.remove(key);
  }
}

function useQueue(dice: Dice): void {
  const queue = dice.next(3)
    ? SharedQueue.register(dice.name())
    : dice.next(2)
      ? SharedQueue.resolve(dice.name(), dice.name())
      : SharedQueue.of(dice.next(9));
  if (queue == null) return;
  report.nothing();
  switch (dice.next(4)) {
    case 0:
      report.gotText(queue.dequeue());
      break;
    case 1:
      report.gotBytes(queue.dequeueBytes());
      break;
    case 2:
      queue.enqueue(dice.text());
      break;
    default:
      if (queue.id < 1000) queue.enqueueBytes(dice.bytes());
  }
}

/** A property by a path that is text, with NULs or without. */
function useProperty(dice: Dice): void {
  const path = dice.next(2) ? "request\0path" : dice.name();
  switch (dice.next(12)) {
    case 0:
      report.gotText(getProperty(path));
      break;
    case 1:
      report.gotBytes(getPropertyBytes(path));
      break;
    case 2:
      report.gotFlag(hasProperty(path));
      break;
    case 3:
      getPropertyI64(path, -1);
      getPropertyU64([path, "x"], 1);
      break;
    case 4:
      getPropertyF64(path, 0.5);
      getPropertyBool(path, true);
      break;
    case 5:
      getPropertyTime(path);
      getPropertyDuration(path);
      break;
    case 6:
      getPropertyList(path);
      break;
    case 7: {
      const map = getPropertyMap(path);
      if (map != null) map.get("x-a");
      break;
    }
    case 8:
      properties.response.code();
      properties.connection.mtls();
      report.nothing();
      report.gotText(properties.request.path());
      break;
    default:
      setProperty(dice.name(), dice.text());
  }
}

function useSignatures(dice: Dice): void {
  const bytes = dice.bytes();
  switch (dice.next(4)) {
    case 0:
      if (sign(dice.text(), dice.text(), bytes).signature.length > 0) sign("sha256", "", new Uint8Array(0));
      break;
    case 1:
      if (signWithKeyBytes("sha256", bytes, bytes).ok) clearRouteCache();
      break;
    case 2:
      verifySignature("sha256", dice.text(), bytes, bytes);
      break;
    default:
      verifySignatureWithKeyBytes(dice.text(), bytes, bytes, bytes);
  }
}

function useExpression(dice: Dice): void {
  const expression = CelExpression.create(dice.text());
  if (expression == null) return;
  report.nothing();
  switch (dice.next(6)) {
    case 0:
      report.gotBytes(expression.evaluateBytes());
      break;
    case 1:
      expression.evaluate();
      break;
    case 2:
      expression.evaluateBool(true);
      break;
    case 3:
      expression.evaluateI64(1);
      break;
    case 4:
      expression.evaluateF64(1);
      break;
    default:
      expression.delete();
  }
}

function useForeign(dice: Dice): void {
  switch (dice.next(8)) {
    case 0:
    case 1:
      report.gotBytes(callForeignFunction(dice.name(), dice.bytes()));
      if (<i32>getForeignFunctionStatus() == 99) unreachable();
      break;
    case 2:
      report.gotBytes(dice.next(2) ? compress(dice.bytes()) : uncompress(dice.bytes()));
      break;
    case 3:
      clearRouteCache();
      break;
    case 4:
      declareProperty(dice.name(), PropertyType.Protobuf, LifeSpan.Request, true, dice.bytes());
      break;
    case 5:
      if (dice.next(2)) setEnvoyFilterState(dice.name(), dice.text(), LifeSpan.Connection);
      else setEnvoyFilterStateBytes(dice.name(), dice.bytes());
      break;
    case 6:
      useSignatures(dice);
      break;
    default:
      useExpression(dice);
  }
}

export function useState(dice: Dice): void {
  switch (dice.next(6)) {
    case 0:
      useMetrics(dice);
      break;
    case 1:
      useSharedData(dice);
      break;
    case 2:
      useQueue(dice);
      break;
    case 3:
      useForeign(dice);
      break;
    default:
      useProperty(dice);
  }
}
