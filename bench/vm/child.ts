// The process of one sample: options as JSON on the command line, the sample as JSON on standard output.
import { takeSample, type SampleOptions } from "./sample.ts";

process.stdout.write(JSON.stringify(takeSample(JSON.parse(process.argv[2] ?? "") as SampleOptions)));
