import { createRequire } from 'node:module';
import path from 'node:path';

const requireFromHere = createRequire(__filename);

/** Root of the project. */
export const ROOT = path.join(__dirname, '../..');

/**
 * A module of the compiled server. Engine processes run compiled code, which stands beside the compiled modules that
 * start them; test/global-setup.cjs has compiled it.
 * @param name path within `src`, without an ending
 */
export function requireCompiled(name: string): unknown {
  return requireFromHere(path.join(ROOT, 'dist', `${name}.js`));
}
