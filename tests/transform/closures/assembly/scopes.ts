// What a name means inside a callback, and how often callbacks get their copies.
import * as library from "proxy-wasm-as/assembly/fake-library";
import { answerAll, Caller as Client, later, Reply as Answer } from "proxy-wasm-as/assembly/fake-library";

type T0 = string;
class ReplyHandler {
  text: string = "own class of that name";
}
class Options {
  status: i32 = 0;
  user: string = "";
}

class Filter extends library.Caller {
  count: i32 = 0;
  started: i32 = this.call("field", (reply) => console.log(`field ${this.count}`));

  constructor() {
    super();
    const text = "constructor";
    this.call("constructor", (reply) => {
      console.log(`${text} ${this.count}`);
    });
  }

  get size(): i32 {
    const n = this.count + 5;
    this.call("getter", () => console.log(`getter ${n} ${this.count}`));
    return n;
  }

  static make(caller: Client, n: i32): void {
    caller.call("static", (r) => console.log(`static ${n}`));
  }

  run(user: string): void {
    for (let i = 0; i < 2; i++) {
      const square = i * i;
      this.call("loop", (r) => console.log(`loop ${i} ${square}`));
    }
    let x = user.length;
    {
      const x = "inner";
      this.call("block", () => console.log(`block ${x}`));
    }
    this.call("own", () => {
      const x = 99;
      {
        const user = "shadow";
        console.log(`own ${user} ${x}`);
      }
      console.log(`own ${user}`);
    });
    this.call("parameter", (user) => console.log(`parameter ${user.status} ${this.count}`));
    x = 5;
    const limit = 3;
    const status = x;
    this.call("literal", (r: Answer) => {
      const options: Options = { status: r.status - 200, user };
      console.log(`literal ${options.user} ${status} ${[1, 2].map<i32>((v) => v * limit).join()}`);
    });
    const only = 5;
    this.call("constant", () => console.log(`constant ${only}`));
    this.call("nested constant", () => {
      this.call("inner", () => console.log(`nested constant ${only}`));
    });
    switch (x) {
      case 5: {
        const chosen = "five" + user;
        this.call("switch", () => console.log(`switch ${chosen}`));
        break;
      }
      default:
    }
    if (x == 5) this.call("if", () => console.log(`if ${x} ${user}`));
    else x = 6;
    const q: T0 = user;
    this.call("types", () => {
      const t: T0 = q;
      console.log(`types ${t} ${new ReplyHandler().text}`);
    });
    const id = this.call("value", (r) => console.log(`value ${user}`)) + 0;
    if (id == 0) return;
    later((r) => console.log(`function ${user}`));
    (this as Client).call("cast", () => console.log(`cast ${user}`));
    Client.shared.call("other object", () => console.log(`other object ${user} ${this.count}`));
    Filter.make(this, 8);
    console.log(`${this.size}`);
  }
}

namespace Inner {
  export const inner = "namespace";
  export class Service extends library.Caller {
    constructor(public tag: string) {
      super();
    }
    go(x: i32): void {
      const y = x + 1;
      this.call("namespace", (r) => console.log(`${this.tag} ${inner} ${x} ${y}`));
    }
  }
  export function free(caller: Client, key: string): void {
    caller.call("free", (r) => {
      console.log(`free ${key} ${inner}`);
    });
  }
}

class Generic<T> extends library.Caller {
  constructor(public value: T) {
    super();
  }
  go(extra: T): void {
    this.call("generic", (r) => {
      const copy: T = extra;
      console.log(`generic ${this.value} ${copy} ${nameof<T>()}`);
    });
  }
}

export function main(): void {
  new Filter().run("bob");
  new Inner.Service("service").go(1);
  Inner.free(new Client(), "key");
  new Generic<i32>(3).go(4);
  new Generic<string>("s").go("e");
  {
    const block = "top" + "block";
    Client.shared.call("top", () => console.log(`top ${block}`));
  }
  answerAll();
}
