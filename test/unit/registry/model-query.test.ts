import { graphql } from 'graphql';
import { RequestContext } from '../../../src/context';
import { ModelResolver } from '../../../src/registry/model.resolver';
import { createCaller } from '../../support/caller';
import { createOwnSchema } from '../../support/own-schema';
import { RegistryBench } from '../../support/registry-bench';
import { LIST_VERSIONS, type VersionsOfModel } from '../../support/version-operations';

it('`models` tells all of every version from memory: nothing is read from the store or the log', async () => {
  using bench = new RegistryBench();
  bench.store.putModel('m');
  bench.store.putModel('n');
  for (let version = 1; version <= 50; version++)
    for (const model of ['m', 'n']) bench.store.put(model, String(version), version % 10 === 0 ? 'golden' : undefined);
  await bench.start();
  await bench.registry.stop();
  const { opened } = bench.store;
  // From here on a read of the log throws.
  bench.feed.close();
  const schema = createOwnSchema([new ModelResolver(bench.registry)]);
  const { data, errors } = await graphql({
    schema,
    source: LIST_VERSIONS.text,
    contextValue: new RequestContext(createCaller({ scopes: ['models:read'] })),
  });
  expect(errors).toBeUndefined();
  const models = data!['models'] as VersionsOfModel[];
  expect(models.map(({ name, versions }) => [name, versions.length])).toEqual([
    ['m', 50],
    ['n', 50],
  ]);
  expect(models[0]!.versions.filter(({ failure }) => failure !== null)).not.toEqual([]);
  expect(models[0]!.versions.filter(({ goldenGate }) => goldenGate !== null)).toHaveLength(3);
  expect(bench.store.opened).toBe(opened);
  await bench.engine.close();
});
