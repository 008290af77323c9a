// Callbacks inside callbacks, with results, and with what a condition has shown.
import { answerAll, Caller } from "proxy-wasm-as/assembly/fake-library";

class Filter extends Caller {
  count: i32 = 0;

  find(key: string): string | null {
    return key == "none" ? null : key;
  }

  deep(user: string): void {
    const reason = this.find("none");
    this.call("one", (first) => {
      const token = first.body + "!";
      let local = 10;
      local += first.status;
      this.count++;
      this.call("two", (second) => {
        console.log(`two ${user} ${token} ${first.status} ${second.status} ${local} ${this.count}`);
        this.call("three", (third) => {
          console.log(`three ${user} ${token} ${second.body} ${third.body} ${reason ? reason : "null"}`);
        });
      });
    });
  }

  results(suffix: string): void {
    this.change("key", (value) => (value == null ? suffix : value + suffix));
    this.change("key", (value: string | null): string | null => {
      if (value == null) return null;
      return `${value}${suffix}${this.count}`;
    });
    console.log(`${this.change("key", (value) => (suffix ? null : value))}`);
    this.change("key", (value) => {
      console.log(`${value ? value : "?"} ${suffix}`);
      return value;
    });
  }

  narrowed(key: string): i32 {
    const value = this.find(key);
    const again = this.find(key);
    if (value == null || !again) return 1;
    this.call("return before", () => console.log(`${value.length} ${again.length}`));
    const third = this.find(key);
    if (third && value) this.call("inside", () => console.log(`${third.length} ${value.length}`));
    if (!third) {
      console.log("none");
    } else {
      this.call("else", () => console.log(`${third.length}`));
    }
    const f: ((x: i32) => i32) | null = key == "none" ? null : (x: i32): i32 => x + 1;
    if (f) this.call("function", () => console.log(`${f(1)}`));
    const n = value.length;
    if (n) this.call("number", () => console.log(`${n}`));
    let changed = this.find(key);
    if (changed) {
      changed = this.find("other");
      this.call("changed", () => console.log(`${changed ? changed : "?"}`));
    }
    return 0;
  }
}

export function main(): void {
  const filter = new Filter();
  filter.deep("ann");
  filter.results("-s");
  filter.narrowed("some");
  filter.narrowed("none");
  answerAll();
}
