// One operation of the public API at a time, chosen by dice; every read is reported.
import {
  Buffer,
  getCurrentTimeNanoseconds,
  getPropertyBytes,
  HeaderList,
  HeaderMap,
  isLogEnabled,
  log,
  logCritical,
  logDebug,
  logError,
  logInfo,
  logTrace,
  logWarn,
  setPropertyBytes,
} from "proxy-wasm-as";
import { Dice } from "./dice";
import * as report from "./report";
import { useState } from "./state";

// Seeded at start, so that it is the host's answer there that counts.
Math.random();

/** A list that the guest makes itself. */
export function ownList(dice: Dice): HeaderList {
  const list = dice.next(2) ? new HeaderList() : HeaderList.from([["x-from", dice.text()]]);
  for (let n = dice.next(5); n > 0; n--) {
    if (dice.next(2)) list.add(dice.next(8) ? dice.name() : ":status", dice.text());
    else list.addBytes(dice.name(), dice.bytes());
  }
  return list;
}

function useList(list: HeaderList, dice: Dice): void {
  report.gotList(list);
  const index = <i32>dice.next(6) - 1;
  report.gotValueBytes(index, list.valueBytes(index));
  const name = dice.name();
  report.gotValue(name, list.get(name));
  if (list.has(name)) list.getAll(name);
}

export function useMap(map: HeaderMap, dice: Dice): void {
  const name = dice.name();
  switch (dice.next(16)) {
    case 0:
    case 1:
    case 2:
      report.gotText(map.get(name));
      break;
    case 3:
    case 4:
      report.gotBytes(map.getBytes(name));
      break;
    case 5:
      report.gotFlag(map.has(name));
      break;
    case 6:
      report.gotAll(name, map.getAll(name));
      break;
    case 7:
    case 8:
      useList(map.entries(), dice);
      break;
    case 9:
      report.gotNumber(map.byteSize);
      break;
    case 10:
      map.set(name, dice.text());
      break;
    case 11:
      map.setBytes(name, dice.bytes());
      break;
    case 12:
      map.add(name, dice.text());
      break;
    case 13:
      map.addBytes(name, dice.bytes());
      break;
    case 14:
      map.remove(name);
      break;
    default:
      map.setAll(dice.next(2) ? ownList(dice) : map.entries());
  }
  report.nothing();
}

export function useBuffer(buffer: Buffer, dice: Dice): void {
  switch (dice.next(11)) {
    case 0:
      report.gotNumber(buffer.length);
      break;
    case 1:
    case 2:
      report.gotBufferBytes(dice.next(2) ? buffer.bytes() : buffer.bytes(dice.next(50), dice.next(9000)));
      break;
    case 3:
    case 4:
      report.gotBufferText(buffer.text());
      break;
    case 5:
      buffer.replace(dice.text());
      break;
    case 6:
      buffer.replaceBytes(dice.bytes());
      break;
    case 7:
      buffer.append(dice.text());
      break;
    case 8:
      buffer.appendBytes(dice.bytes());
      break;
    case 9:
      buffer.prepend(dice.text());
      break;
    default:
      buffer.prependBytes(dice.bytes());
  }
  report.nothing();
}

function useConsole(dice: Dice): void {
  const text = dice.text();
  console.log(text);
  console.debug(text);
  console.info(text);
  console.warn(text);
  console.error(text);
  console.assert(dice.next(2) == 1, text);
  console.time(text);
  console.timeLog(text);
  console.timeEnd(text);
  trace(text, dice.next(6), 1, 2.5, NaN, Infinity, -0);
}

function useLog(dice: Dice): void {
  const text = dice.text();
  if (isLogEnabled(dice.next(6))) log(dice.next(6), text);
  logTrace(text);
  logDebug(text);
  logInfo(text);
  logWarn(text);
  logError(text);
  logCritical(text);
}

function useClocks(): void {
  const now = Date.now();
  new Date(now).toISOString();
  Date.parse("2001-02-03T04:05:06.007Z");
  Date.fromString("2001-02-03");
  performance.now();
  process.time();
  process.hrtime();
}

/** What is not bound to a stream: properties, log, clocks, randomness, environment. */
export function useSystem(dice: Dice): void {
  const path: string[] = [];
  switch (dice.next(14)) {
    case 10:
    case 11:
    case 12:
    case 13:
      useState(dice);
      break;
    case 0:
    case 1:
      for (let n = dice.next(4); n > 0; n--) path.push(dice.name());
      report.gotBytes(getPropertyBytes(path));
      break;
    case 2:
      setPropertyBytes(dice.next(4) ? "name" : "n".repeat(dice.next(6000)), dice.bytes());
      break;
    case 3:
      useLog(dice);
      break;
    case 4:
      useConsole(dice);
      break;
    case 5:
      useClocks();
      break;
    case 6:
      report.gotNumber(getCurrentTimeNanoseconds());
      break;
    case 7:
      crypto.getRandomValues(new Uint8Array(dice.next(8) ? dice.next(40) : 70000));
      Math.random();
      break;
    case 8:
      report.gotEnvironment(process.env);
      if (process.argv.length || process.arch != "wasm32" || process.platform != "wasm") unreachable();
      break;
    default:
      logInfo(dice.text());
  }
  report.nothing();
}
