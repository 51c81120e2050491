/** Clients that mean well, on the generator's core as who attacks, but before it. */
import { setPriority } from 'node:os';
import { summarize, type Latencies } from '../statistics';
import { answerQuestions } from '../workers';
import { measureWellBehaved } from './well-behaved';

export interface WellBehavedQuestion {
  readonly port: number;
  readonly seconds: number;
}

/** An attacker that is in the middle of something must not make it look as if the server had taken longer. */
const NICENESS = -10;

try {
  setPriority(NICENESS);
} catch {
  // Only the superuser may. The attacker stands behind all the same.
}

answerQuestions<WellBehavedQuestion, Latencies>(async ({ port, seconds }) =>
  summarize(await measureWellBehaved(port, seconds)),
);
