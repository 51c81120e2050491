import { Model } from '../../../src/registry/model';
import { ModelVersion } from '../../../src/registry/model-version';
import { describeStart } from '../../../src/server/start-message';
import { createReadyVersion } from '../../support/ready-version';

function createModel(): Model {
  const file = { name: 'fraud-detector', default: true, description: '', promotion: 'manual', keepLoaded: 3 } as const;
  return new Model({ ...file, task: 'fraud-score' });
}

const address = { address: '127.0.0.1', family: 'IPv4', port: 4000 };

describe('the start message', () => {
  it('says where to go', () => {
    const message = describeStart({ address, access: 'local', models: [] });
    expect(message).toContain('PredictQL is ready.');
    expect(message).toContain('http://localhost:4000/graphql');
    expect(message).toContain('http://localhost:4000/playground');
  });

  it.each([
    [{ address: '0.0.0.0', family: 'IPv4', port: 80 }, 'http://0.0.0.0:80/graphql'],
    [{ address: '::1', family: 'IPv6', port: 4000 }, 'http://[::1]:4000/graphql'],
  ])('names the address it listens on: %j', (other, url) => {
    expect(describeStart({ address: other, access: 'local', models: [] })).toContain(url);
  });

  it.each([
    ['keys', /^ {2}Access +whoever has a key or token/m],
    ['local', /^ {2}Access +whoever is on this machine, for everything: there is no key yet/m],
    ['off', /^ {2}Access +whoever reaches this address, for everything: PREDICTQL_AUTH=off/m],
  ] as const)('says who is let in: %s', (access, line) => {
    expect(describeStart({ address, access, models: [] })).toMatch(line);
  });

  it('says which version answers each task, and which others there are', () => {
    const model = createModel();
    for (const name of ['1', '2', '10']) model.versions.set(name, createReadyVersion({ version: name }));
    model.versions.set('3', new ModelVersion('fraud-detector', '3'));
    model.live = model.versions.get('10');
    expect(describeStart({ address, access: 'local', models: [model] })).toMatch(
      /^ {2}fraud-score +fraud-detector: version 10 is live, also 3 \(unloaded\), 2, 1$/m,
    );
  });

  it('says when nothing is live', () => {
    expect(describeStart({ address, access: 'local', models: [createModel()] })).toMatch(
      /fraud-detector: nothing is live$/m,
    );
  });
});
