/** Milliseconds between two looks at a condition that nothing announces. */
const INTERVAL_MS = 15;

/**
 * Waits until a condition holds that can only be looked at, such as the end of a foreign process. `limitMs` only
 * catches a hang: it is far above what any run needs.
 */
export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  limitMs = 30_000,
): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`Waited ${limitMs} ms in vain until ${what}.`);
    await new Promise((resolve) => setTimeout(resolve, INTERVAL_MS));
  }
}
