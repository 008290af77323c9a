// The process of one sample: options as JSON on the command line, the sample or its failure as JSON on standard output.
import { takeSample, type SampleOptions } from "./sample.ts";

/** A sample, or why there is none. */
function answer(options: SampleOptions): object {
  try {
    return takeSample(options);
  } catch (error) {
    return { failure: (error as Error).message };
  }
}

process.stdout.write(JSON.stringify(answer(JSON.parse(process.argv[2] ?? "") as SampleOptions)));
