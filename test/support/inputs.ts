import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './server';

/** A plain purchase that nothing is wrong with; `changes` replace its parts. */
export function createTransaction(changes: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    amount: 52.3,
    occurredAt: '2018-08-09T14:05:31',
    customer: {
      last1Day: { transactions: 2, averageAmount: 48.2 },
      last7Days: { transactions: 14, averageAmount: 51.75 },
      last30Days: { transactions: 61, averageAmount: 49.9 },
    },
    terminal: {
      last1Day: { transactions: 1, fraudShare: 0 },
      last7Days: { transactions: 7, fraudShare: 0 },
      last30Days: { transactions: 29, fraudShare: 0 },
    },
    ...changes,
  };
}

/** A file of `test/fixtures/images/`. */
export function readPicture(name: string): Buffer {
  return readFileSync(path.join(ROOT, 'test/fixtures/images', name));
}

export function asBase64(bytes: Uint8Array): { readonly base64: string } {
  return { base64: Buffer.from(bytes).toString('base64') };
}

/** The input of `classifyImage` for a file of `test/fixtures/images/`. */
export function pictureInput(name: string): { readonly image: { readonly base64: string } } {
  return { image: asBase64(readPicture(name)) };
}

/** `expected.json` of a folder of fixtures: what other software answers on the same inputs. */
export function readFixture(folder: string): unknown {
  return JSON.parse(readFileSync(path.join(ROOT, 'test/fixtures', folder, 'expected.json'), 'utf8'));
}
