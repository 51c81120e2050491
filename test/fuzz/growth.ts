import type { ServerMemory } from '../support/server';

/** What the server held when so many requests had been sent and nothing was under way. */
export interface MemorySample extends ServerMemory {
  readonly sent: number;
}

/** Bytes of heap that each request left behind, by the line of least squares through the samples. */
export function bytesPerRequest(samples: readonly MemorySample[]): number {
  const mean = (of: (sample: MemorySample) => number): number =>
    samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [meanSent, meanMb] = [mean(({ sent }) => sent), mean(({ heapMb }) => heapMb)];
  const covariance = mean(({ sent, heapMb }) => (sent - meanSent) * (heapMb - meanMb));
  return (covariance / mean(({ sent }) => (sent - meanSent) ** 2)) * 2 ** 20;
}

/** In the first half caches fill up: of documents, most of all. */
export function afterWarmUp(samples: readonly MemorySample[]): readonly MemorySample[] {
  return samples.slice(Math.floor(samples.length / 2));
}
