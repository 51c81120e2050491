import { parseArgs } from 'node:util';
import { TASKS, type TaskField } from './payloads';

export interface BenchOptions {
  readonly tasks: readonly TaskField[];
  readonly concurrencies: readonly number[];
  /** Measured in each round, after the warm-up. */
  readonly seconds: number;
  readonly warmUpSeconds: number;
  readonly rounds: number;
  /** A missed threshold ends with 1. */
  readonly isStrict: boolean;
  /** Left out: results are only shown, since a part is no result to keep. */
  readonly output: string | undefined;
}

const USAGE = `Usage: npm run bench -- [options]
  --task <name>         classifyImage, sentiment or fraudScore; may be repeated (default: all)
  --concurrency <n>     may be repeated (default: 1, 8, 32, 64, 128)
  --seconds <n>         measured each time (default: 3)
  --warm-up <n>         seconds before each (default: 1)
  --rounds <n>          interleaved; their medians count (default: 3)
  --strict              end with 1 when a threshold is missed
  --write               write bench/results.md though it is not the whole benchmark
`;

/** Reads the command line. Throws an Error whose message says how to call it. */
export function readOptions(args: readonly string[]): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      task: { type: 'string', multiple: true },
      concurrency: { type: 'string', multiple: true },
      seconds: { type: 'string', default: '3' },
      'warm-up': { type: 'string', default: '1' },
      rounds: { type: 'string', default: '3' },
      strict: { type: 'boolean', default: false },
      write: { type: 'boolean', default: false },
    },
  });
  const tasks = values.task ?? TASKS;
  if (!tasks.every(isTask)) throw new Error(USAGE);
  const isWhole = values.task === undefined && values.concurrency === undefined;
  return {
    tasks,
    concurrencies: values.concurrency?.map(positive) ?? [1, 8, 32, 64, 128],
    seconds: positive(values.seconds),
    warmUpSeconds: positive(values['warm-up']),
    rounds: positive(values.rounds),
    isStrict: values.strict,
    output: isWhole || values.write ? 'bench/results.md' : undefined,
  };
}

function isTask(name: string): name is TaskField {
  return (TASKS as readonly string[]).includes(name);
}

function positive(text: string): number {
  const number = Number(text);
  if (!(number > 0)) throw new Error(USAGE);
  return number;
}
