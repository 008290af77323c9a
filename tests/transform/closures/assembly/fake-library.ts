// Methods with callbacks, as the guest library has them; the tests put this file into the library's folder.
export class Reply {
  constructor(
    readonly status: i32,
    readonly body: string,
  ) {}
}

export abstract class ReplyHandler {
  abstract onReply(reply: Reply): void;
}

export abstract class ChangeHandler {
  note(): void {}
  abstract change(value: string | null): string | null;
}

class ReplyFunction extends ReplyHandler {
  constructor(private callback: (reply: Reply) => void) {
    super();
  }
  onReply(reply: Reply): void {
    this.callback(reply);
  }
}

class ChangeFunction extends ChangeHandler {
  constructor(private callback: (value: string | null) => string | null) {
    super();
  }
  change(value: string | null): string | null {
    return this.callback(value);
  }
}

const waiting: ReplyHandler[] = [];
const values = new Map<string, string>();

/** Answers all calls that are open, and those made meanwhile. */
export function answerAll(): void {
  for (let n = 0; waiting.length; n++) {
    const handler = waiting.shift();
    handler.onReply(new Reply(200 + n, `body ${n}`));
  }
}

export class Caller {
  call(request: string, callback: (reply: Reply) => void): i32 {
    return this.callWith(request, new ReplyFunction(callback));
  }
  callWith(request: string, handler: ReplyHandler): i32 {
    return waiting.push(handler);
  }
  change(key: string, callback: (value: string | null) => string | null): bool {
    return this.changeWith(key, new ChangeFunction(callback));
  }
  changeWith(key: string, handler: ChangeHandler): bool {
    const old = handler.change(values.has(key) ? values.get(key) : null);
    if (old == null) return false;
    values.set(key, old);
    return true;
  }
  static shared: Caller = new Caller();
}

/** A function in the same form. */
export function later(callback: (reply: Reply) => void): void {
  laterWith(new ReplyFunction(callback));
}

export function laterWith(handler: ReplyHandler): void {
  waiting.push(handler);
}
