// A class that derives from one of another file, where a callback stands in the same place.
import { answerAll } from "proxy-wasm-as/assembly/fake-library";
import { Parent } from "./parent";

class Child extends Parent {
  run(): void {
    super.run();
    this.call("q", (r) => {
      console.log(`child ${this.name}`);
    });
  }
}

export function main(): void {
  new Child().run();
  answerAll();
}
