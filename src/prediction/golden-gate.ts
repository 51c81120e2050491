import { splitRows, type Tensors } from '../tensor';
import { roundProbability } from '../transforms/round';
import { EngineLostError, type Engine } from '../engines/engine';
import type { GoldenReport } from '../registry/model-version';
import type { StoredVersion } from '../registry/model-store';
import type { PrepareVersion } from '../registry/version-loader';
import { VersionError } from '../registry/version-error';
import type { AnyTask, Row } from './task';

/** A version whose examples take so many engine processes with them is not fit to serve. */
const MAX_LOSSES = 2;

export interface GoldenGateOptions {
  readonly tasks: readonly AnyTask[];
  readonly engine: Engine;
}

/**
 * Prepares versions for the registry: reads what their task needs, and holds them against their golden examples. An
 * example takes the whole path of a prediction, from the raw input through preprocessing to the model's outputs.
 */
export function createVersionPreparation({ tasks, engine }: GoldenGateOptions): PrepareVersion {
  return async (stored, key) => {
    const task = tasks.find(({ name }) => name === stored.manifest.task);
    if (!task) throw new Error(`This server has no task "${stored.manifest.task}".`);
    const assets: unknown = await task.loadAssets(stored);
    const rows = await preprocessExamples({ task, assets, stored });
    const collate = (batch: readonly Row[]): Tensors => task.collate(batch.map(({ tensors }) => tensors));
    return {
      assets,
      labels: task.labelsOf?.(assets),
      warmUp: collate(rows.slice(0, 1)),
      async checkGolden() {
        const outputs: Tensors[] = [];
        // One by one: an answer does not depend on its neighbours, and no call is long, whoever waits behind it.
        for (const row of rows) outputs.push(...(await runWhenFree(engine, key, collate([row]), 1)));
        return compare({ task, assets, stored, outputs });
      },
    };
  };
}

interface Examined {
  readonly task: AnyTask;
  readonly assets: unknown;
  readonly stored: StoredVersion;
}

async function preprocessExamples({ task, assets, stored }: Examined): Promise<Row[]> {
  const rows: Row[] = [];
  for (const example of stored.examples) {
    try {
      const preprocessed = await task.preprocess(await task.readGoldenInput(example, stored), assets);
      rows.push(preprocessed.row);
    } catch (cause) {
      throw new Error(`Golden example "${example.note}" cannot be read: ${(cause as Error).message}`, { cause });
    }
  }
  return rows;
}

function compare({ task, assets, stored, outputs }: Examined & { outputs: readonly Tensors[] }): GoldenReport {
  const { tolerance } = stored.manifest.golden;
  let worstDifference = 0;
  stored.examples.forEach((example, index) => {
    const { difference, found } = task.compareGolden(outputs[index] as Tensors, example, assets);
    // Written so that NaN fails.
    if (!(difference <= tolerance))
      throw new VersionError(
        'GOLDEN_MISMATCH',
        `Golden example "${example.note}" is not reproduced: ${found}; the tolerance is ${tolerance}.`,
      );
    worstDifference = Math.max(worstDifference, difference);
  });
  const examples = stored.examples.length;
  return { examples, passed: examples, worstDifference: roundProbability(worstDifference), tolerance, at: new Date() };
}

/**
 * Largest absolute difference between outputs and those of an example, over all values of all outputs it names.
 * Infinity where they cannot be compared: other numbers of values, NaN, or an example that names no output.
 */
export function largestDifference(
  outputs: Tensors,
  expected: Readonly<Record<string, unknown>>,
): { difference: number; found: string } {
  if (Object.keys(expected).length === 0) return { difference: Infinity, found: 'the example names no output' };
  let worst = { difference: 0, found: 'all values are equal' };
  for (const [name, values] of Object.entries(expected)) {
    const actual = [...(outputs[name]?.data ?? [])].map(Number);
    const wanted = Array.isArray(values) ? values.map(Number) : [Number(values)];
    if (actual.length !== wanted.length)
      return { difference: Infinity, found: `"${name}" has ${actual.length} values instead of ${wanted.length}` };
    actual.forEach((value, index) => {
      const distance = Math.abs(value - (wanted[index] as number));
      const difference = Number.isNaN(distance) ? Infinity : distance;
      if (difference > worst.difference)
        worst = { difference, found: `"${name}" came as ${value}, expected was ${wanted[index]}` };
    });
  }
  return worst;
}

async function runWhenFree(engine: Engine, key: string, inputs: Tensors, rows: number): Promise<Tensors[]> {
  for (let losses = 0; ;) {
    while (!engine.hasFree(key)) await nextFree(engine);
    try {
      return splitRows((await engine.run(key, inputs)).outputs, rows);
    } catch (error) {
      if (!(error instanceof EngineLostError) || ++losses === MAX_LOSSES) throw error;
    }
  }
}

function nextFree(engine: Engine): Promise<void> {
  return new Promise((resolve) => {
    const stop = engine.onFree(() => {
      stop();
      resolve();
    });
  });
}
