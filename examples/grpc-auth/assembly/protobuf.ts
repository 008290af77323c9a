// As much of protobuf as a message with fields of text needs. Generated code, if you have some, takes its place.

/** A message with one field of text. */
export function writeText(field: u32, text: string): Uint8Array {
  const utf8 = Uint8Array.wrap(String.UTF8.encode(text));
  const bytes: u8[] = [<u8>((field << 3) | 2)];
  let length = utf8.length;
  for (; length > 127; length >>= 7) bytes.push(<u8>(0x80 | length));
  bytes.push(<u8>length);
  const message = new Uint8Array(bytes.length + utf8.length);
  message.set(bytes);
  message.set(utf8, bytes.length);
  return message;
}

/** The last text in a field of a message; `""` where there is none, or the message is not sound. */
export function readText(field: u32, message: Uint8Array): string {
  const reader = new Reader(message);
  let text = "";
  while (reader.at < message.length && reader.sound) {
    const key = reader.varint();
    switch ((<u32>key) & 7) {
      case 0:
        reader.varint();
        break;
      case 1:
        reader.at += 8;
        break;
      case 2: {
        const length = reader.varint();
        const start = reader.at;
        if (length > <u64>(message.length - start)) return "";
        reader.at += <i32>length;
        if (key >> 3 == field) text = String.UTF8.decodeUnsafe(message.dataStart + start, <usize>length);
        break;
      }
      case 5:
        reader.at += 4;
        break;
      default:
        return "";
    }
  }
  return reader.sound ? text : "";
}

class Reader {
  at: i32 = 0;
  sound: bool = true;

  constructor(private message: Uint8Array) {}

  varint(): u64 {
    let value: u64 = 0;
    for (let shift: u64 = 0; shift < 64; shift += 7) {
      if (this.at >= this.message.length) break;
      const byte = this.message[this.at++];
      value |= (<u64>(byte & 127)) << shift;
      if (byte < 128) return value;
    }
    this.sound = false;
    return 0;
  }
}
