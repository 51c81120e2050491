// Compares schema/schema.graphql with the schema of the last release, schema/released.graphql, and fails when what users
// wrote against that release would no longer work. A release copies the one to the other: npm run release:schema.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { buildSchema, findBreakingChanges, findDangerousChanges } from 'graphql';

const released = readSchema('released.graphql');
const current = readSchema('schema.graphql');

for (const { description } of findDangerousChanges(released, current))
  process.stdout.write(`schema: mind that ${description}\n`);

const breaking = findBreakingChanges(released, current);
for (const { type, description } of breaking) process.stderr.write(`schema: ${type}: ${description}\n`);
if (breaking.length > 0) {
  process.stderr.write(
    'These changes break clients of the last release. Add instead of changing, or deprecate first.\n',
  );
  process.exitCode = 1;
}

function readSchema(file) {
  return buildSchema(readFileSync(path.join(import.meta.dirname, '../schema', file), 'utf8'));
}
