// Methods of other classes that are called as the library's, and one that overrides the library's.
import { Caller, Reply } from "proxy-wasm-as/assembly/fake-library";

class Mine {
  call(name: string, f: (x: i32) => i32): i32 {
    return f(1);
  }
}

class Own extends Caller {
  call(request: string, callback: (reply: Reply) => void): i32 {
    callback(new Reply(1, request));
    return 2;
  }
  run(): void {
    const n = 5;
    console.log(`${this.call("own", (reply) => console.log(`${reply.body} ${n}`))}`);
  }
}

class Further extends Own {
  more(): void {
    const n = 6;
    console.log(`${super.call("further", (reply) => console.log(`${reply.body} ${n}`))}`);
  }
}

function call(f: (x: i32) => i32): i32 {
  return f(3);
}

export function main(): void {
  const n = 7;
  console.log(new Mine().call("mine", (x) => x + n).toString());
  const mine = new Mine();
  console.log(`${mine.call("mine", (x) => x * n)}`);
  const text = "text";
  const shifted = (2 << 1) - 1;
  console.log(new Mine().call("mine", (x) => x + text.length).toString());
  console.log(`${call((x) => x + n + shifted)}`);
  new Own().run();
  new Further().more();
}
