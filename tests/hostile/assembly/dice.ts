// Dice: the choices of a guest, all of which follow from one number that the host passes in a callback's arguments.

export class Dice {
  constructor(private state: u32) {
    if (state == 0) this.state = 0x9e3779b9;
  }

  /** A number from 0 to `below` - 1. */
  next(below: u32): u32 {
    let x = this.state;
    x ^= x << 13;
    x ^= x >> 17;
    x ^= x << 5;
    this.state = x;
    return (x >> 3) % below;
  }

  /** A header name: good, bad, empty, or longer than the library's argument area. */
  name(): string {
    switch (this.next(9)) {
      case 0:
        return "content-length";
      case 1:
        return ":path";
      case 2:
        return "X-A";
      case 3:
        return this.next(4) ? "x-b" : "";
      case 4:
        return this.next(4) ? "x-c" : "bad name";
      case 5:
        return this.next(8) ? "x-d" : "x-" + "n".repeat(this.next(6000));
      default:
        return "x-a";
    }
  }

  /** A value: plain, empty, large, not ASCII, with a lone surrogate or a line break. */
  text(): string {
    switch (this.next(10)) {
      case 0:
        return "";
      case 1:
        return "a\r\nb";
      case 2:
        return "\u00e9\u20ac\u{1f600}";
      case 3:
        return "lone \ud800 surrogate";
      case 4:
        return "v".repeat(this.next(16) ? this.next(1500) : this.next(9000));
      default:
        return this.next(100).toString();
    }
  }

  /** Bytes of any length, zeros but for the first. */
  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.next(16) ? this.next(40) : this.next(6000));
    if (bytes.length) bytes[0] = 65;
    return bytes;
  }
}
