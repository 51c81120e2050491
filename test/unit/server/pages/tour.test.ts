import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { readTour } from '../../../../src/server/pages/tour';

describe('readTour', () => {
  let folder = '';
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'tour-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));
  const write = (name: string, text: string): void => writeFileSync(path.join(folder, name), text);

  it('orders stops by their numbers, the tenth after the ninth', async () => {
    write('a.graphql', '# 2.10 · Ten\n{ a }');
    write('b.graphql', '# 2.9 · Nine\n{ b }');
    write('c.graphql', '# 10 · Last\n{ c }');
    write('d.graphql', '# 2 · Two\n{ d }');
    const titles = (await readTour(folder)).map(({ title }) => title);
    expect(titles).toEqual(['2 · Two', '2.9 · Nine', '2.10 · Ten', '10 · Last']);
  });

  it('gives each stop its whole text and the variables beside it', async () => {
    write('a.graphql', '# 1 · One\nquery ($b: Int) { a(b: $b) }\n');
    write('a.variables.json', '{ "b": 1 }\n');
    expect(await readTour(folder)).toEqual([
      { title: '1 · One', query: '# 1 · One\nquery ($b: Int) { a(b: $b) }\n', variables: '{ "b": 1 }\n' },
    ]);
  });

  it.each([
    ['without a title', 'a.graphql', '{ a }', /^a\.graphql begins without a title/],
    ['with a title further down', 'a.graphql', '{ a }\n# 1 · One', /begins without a title/],
    ['with variables that are no JSON', 'a.variables.json', '{ b: 1 }', /^a\.variables\.json is not valid JSON/],
  ])('names the file of a stop %s', async (_what, name, text, message) => {
    write('a.graphql', '# 1 · One\n{ a }');
    write(name, text);
    await expect(readTour(folder)).rejects.toThrow(message);
  });
});
