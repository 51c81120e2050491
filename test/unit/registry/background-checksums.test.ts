import { createHash, randomBytes } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type * as BackgroundChecksumsModule from '../../../src/registry/background-checksums';
import { blockingChecksums, type Checksums } from '../../../src/registry/checksums';
import { requireCompiled } from '../../support/compiled';
import { rejection } from '../../support/deferred';
import { threadsOf } from '../../support/processes';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';

// A thread runs compiled code, so what starts it is the compiled one.
const { BackgroundChecksums } = requireCompiled('registry/background-checksums') as typeof BackgroundChecksumsModule;

/** More than one chunk, and a part of another. */
const CONTENT = randomBytes(2.5 * 2 ** 20);
const SHA256 = createHash('sha256').update(CONTENT).digest('hex');

let folder: TemporaryFolder;
let file: string;
beforeAll(() => {
  folder = createTemporaryFolder();
  file = path.join(folder.path, 'file');
  writeFileSync(file, CONTENT);
});
afterAll(() => folder[Symbol.dispose]());

describe.each<[string, Checksums]>([
  ['the calling thread', blockingChecksums],
  ['a thread of their own', new BackgroundChecksums()],
])('checksums in %s', (_, each) => {
  it('are those of the bytes', async () => {
    expect(await each.of(file)).toBe(SHA256);
  });

  it('are told of a copy, which replaces what was there', async () => {
    const copy = path.join(folder.path, 'copy');
    writeFileSync(copy, Buffer.concat([CONTENT, CONTENT]));
    expect(await each.ofCopy(file, copy)).toBe(SHA256);
    expect(readFileSync(copy).equals(CONTENT)).toBe(true);
  });

  it('come one for each of many asked at once, faults among them', async () => {
    const missing = path.join(folder.path, 'missing');
    const asked = await Promise.allSettled([each.of(file), each.of(missing), each.of(folder.path), each.of(file)]);
    expect(
      asked.map((result) =>
        result.status === 'fulfilled' ? result.value : (result.reason as NodeJS.ErrnoException).code,
      ),
    ).toEqual([SHA256, 'ENOENT', 'EISDIR', SHA256]);
    expect(await rejection(each.ofCopy(file, path.join(missing, 'copy')))).toMatchObject({ code: 'ENOENT' });
  });
});

it('has the lowest priority in its thread, and leaves the process its own', async () => {
  const [own] = threadsOf('self').map(({ niceness }) => niceness);
  await new BackgroundChecksums().of(file);
  const [after, ...others] = threadsOf('self').map(({ niceness }) => niceness);
  expect(others).toContain(19);
  expect(after).toBe(own);
});
