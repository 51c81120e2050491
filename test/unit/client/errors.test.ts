import { readFileSync } from 'node:fs';
import path from 'node:path';
import { ERROR_CODES } from '../../../src/errors';
import { ROOT } from '../../support/server';

it('the client knows every code of the server, and no other', () => {
  // The union exists for the compiler only, so its text is what can be read here.
  const text = readFileSync(path.join(ROOT, 'src/client/errors.ts'), 'utf8');
  const union = /type ServerErrorCode =([^;]*);/.exec(text)?.[1] ?? '';
  const codes = [...union.matchAll(/'(\w+)'/g)].map(([, code]) => code);
  expect(codes.sort()).toEqual(Object.keys(ERROR_CODES).sort());
});
