// The few colours of the command line.
import pc from "picocolors";

/** Each takes a text and gives it back, coloured or not. */
export interface Palette {
  strong(text: string): string;
  quiet(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  error(text: string): string;
}

/** Colours that are meant, or the same without any. */
export function palette(colour: boolean): Palette {
  const { bold, dim, green, yellow, red } = pc.createColors(colour);
  return { strong: bold, quiet: dim, good: green, warning: yellow, error: (text) => bold(red(text)) };
}
