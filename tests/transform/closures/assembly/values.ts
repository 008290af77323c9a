// Values of every kind, captured by one callback.
import { answerAll, Caller } from "proxy-wasm-as/assembly/fake-library";

enum Color {
  Red,
  Green = 7,
}
class Point {
  constructor(
    public x: i32,
    public y: i32,
  ) {}
}
class Box<T> {
  constructor(public value: T) {}
}
const MODULE_CONST = "module";
let moduleVariable = 1;

function find(key: string): string | null {
  return key == "x" ? "alice" : null;
}
function twice(x: i32): i32 {
  return x * 2;
}
function point(n: i32): Point | null {
  return n > 5 ? new Point(n, n) : null;
}

class Base extends Caller {
  greet(): string {
    return "base";
  }
}

class Filter extends Base {
  private secret: string = "secret";
  private hits: i32 = 0;

  greet(): string {
    return "filter";
  }

  private note(text: string): void {
    this.hits++;
    console.log(`${this.secret} ${text} ${this.hits}`);
  }

  run(count: i32): void {
    const user = find("x");
    const nobody = find("y");
    let attempts: i32 = 1;
    attempts += 1;
    const yes = true,
      ratio = count + 1.5,
      half: f32 = 0.5,
      big: i64 = 1 << 40,
      small: u8 = 200,
      size: usize = 9,
      negative = -3,
      plain = 42;
    const list = [1, 2, count];
    const points = [new Point(1, 2)];
    const here = new Point(3, 4);
    const there = point(count);
    const nowhere = point(1);
    const color = Color.Green;
    const call = twice;
    const add: (x: i32) => i32 = (x) => x + 100;
    const map = new Map<string, i32>();
    map.set("k", 9);
    const bytes = new Uint8Array(3);
    bytes[1] = 7;
    const fixed = StaticArray.fromArray<i32>([5, 6]);
    const box = new Box<string>("boxed");
    const text = "text";
    function helper(a: i32): string {
      return `helper ${a}`;
    }
    this.call("values", (reply) => {
      this.note(`${user ? user : "?"} ${nobody ? nobody : "?"} ${attempts}`);
      if (user) console.log(`${user.length}`);
      console.log(`${yes} ${ratio} ${half} ${big} ${small} ${size} ${negative} ${plain} ${count}`);
      console.log(
        `${list.length} ${list[2]} ${points[0].y} ${here.x} ${there ? there.x : 0} ${nowhere == null}`,
      );
      console.log(
        `${color} ${call(21)} ${add(1)} ${map.get("k")} ${bytes[1]} ${fixed[1]} ${box.value} ${text}`,
      );
      console.log(`${helper(3)} ${MODULE_CONST} ${moduleVariable} ${reply.status} ${reply.body}`);
      console.log(
        `${nameof(user)} ${nameof(yes)} ${nameof(ratio)} ${nameof(small)} ${nameof(there)} ${nameof(box)}`,
      );
      console.log(`${isNullable(user)} ${isNullable(here)} ${super.greet()} ${this.greet()}`);
      list.push(4);
      here.x = 30;
      moduleVariable = 8;
    });
    answerAll();
    console.log(`${list.length} ${here.x} ${moduleVariable} ${this.hits}`);
  }
}

export function main(): void {
  new Filter().run(10);
}
