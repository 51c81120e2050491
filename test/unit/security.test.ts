import { readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { readDocument, tableOf } from '../support/documents';
import { ROOT } from '../support/compiled';

const security = readDocument('SECURITY.md');
const { dependencies } = JSON.parse(readDocument('package.json')) as { readonly dependencies: Record<string, string> };

describe('SECURITY.md', () => {
  const threats = tableOf(security, 'threat');

  it.each(threats.map(([threat = '', , file = '', test = '']) => [threat, file, test] as const))(
    'names a test that there is: %s',
    (_threat, file, test) => {
      expect(testsIn(file)).toContain(test);
    },
  );

  it('has a row for more threats than one', () => {
    expect(threats.length).toBeGreaterThanOrEqual(15);
    for (const row of threats) expect(row).toHaveLength(4);
  });

  it('gives a reason for each dependency, and for no other', () => {
    const listed = tableOf(security, 'package').map(([name]) => name);
    expect(listed).toEqual(Object.keys(dependencies).sort());
  });
});

/** Names of the tests of a file. */
function testsIn(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(path.join(ROOT, file), 'utf8'), ts.ScriptTarget.ES2022, true);
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    const [first] = ts.isCallExpression(node) ? node.arguments : [];
    if (
      first &&
      ts.isStringLiteralLike(first) &&
      ts.isCallExpression(node) &&
      /^(it|test)\b/.test(node.expression.getText())
    )
      names.push(first.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
}
