/** To so many decimals. */
export function roundTo(decimals: number, value: number): number {
  const factor = 10 ** decimals;
  return Math.round(value * factor) / factor;
}

/** A float32 has no more decimals that mean anything, and numbers that are longer are read as text by some tools. */
export function roundProbability(probability: number): number {
  return roundTo(6, probability);
}

/** To the microsecond, for the same reason. */
export function roundMs(ms: number): number {
  return roundTo(3, ms);
}
