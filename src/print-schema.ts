/** Writes `schema/schema.graphql` from the classes; with `--check` it only says whether the file is fresh. */
import 'reflect-metadata';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createSchema, printSortedSchema } from './graphql/schema';
import { SCHEMA_CLASSES } from './schema-classes';

const file = path.join(__dirname, '../schema/schema.graphql');
/** Printing runs no resolver, so their services may be missing. */
const SCHEMA = {
  classes: SCHEMA_CLASSES,
  instances: SCHEMA_CLASSES.map(({ prototype }) => Object.create(prototype) as object),
  pubSub: {
    publish: () => undefined,
    subscribe: () => ({
      [Symbol.asyncIterator]: () => ({ next: () => Promise.resolve({ done: true, value: undefined }) }),
    }),
  },
};
const text = printSortedSchema(createSchema(SCHEMA));

if (!process.argv.includes('--check')) writeFileSync(file, text);
else if (readFileSync(file, 'utf8') !== text) {
  process.stderr.write('schema/schema.graphql is stale. Run: npm run schema\n');
  process.exitCode = 1;
}
