/** A process that does one attack again and again until it is told to stop: `attacker.ts <origin> <what>`. Of no attack it only idles. */
import { once } from 'node:events';
import { setPriority } from 'node:os';
import { CONNECTION_ATTACKS } from '../../test/hostile/connection-attacks';
import { REQUEST_ATTACKS } from '../../test/hostile/request-attacks';

/** Behind whoever measures, with whom it shares a core. */
const NICENESS = 10;
/** One after the other, with a moment between: who attacks as fast as one core can is a load, which other benchmarks measure. */
const PAUSE_MS = 20;

void main();

async function main(): Promise<void> {
  const [, , origin = '', what = ''] = process.argv;
  const attack = [...REQUEST_ATTACKS, ...CONNECTION_ATTACKS].find((each) => each.what === what);
  if (!attack && what !== '') throw new Error(`There is no attack "${what}".`);
  setPriority(NICENESS);
  const stop = new AbortController();
  const over = once(stop.signal, 'abort');
  process.on('message', () => stop.abort());
  process.send?.('begun');
  while (!stop.signal.aborted) {
    // Who beside an idle attacker waits longer does so for the machine, not for an attack.
    await attack?.run({ origin }, over);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  process.exit();
}
