import { createRequire } from 'node:module';
import path from 'node:path';

export const ROOT = path.join(__dirname, '..');

const requireFromHere = createRequire(__filename);

/**
 * A module of the compiled server: what is measured is what users run, and engine processes stand beside it.
 * @param name path within `src`, without an ending
 */
export function requireCompiled(name: string): unknown {
  return requireFromHere(path.join(ROOT, 'dist', `${name}.js`));
}
