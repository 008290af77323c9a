// A class from which one of another file derives, with a callback in the same place.
import { Caller } from "proxy-wasm-as/assembly/fake-library";

export class Parent extends Caller {
  name: string = "n";
  run(): void {
    this.call("p", (r) => {
      console.log(`parent ${this.name}`);
    });
  }
}
