import { StoreObserver, type StoreListener } from '../../../src/registry/store-observer';
import { until } from '../../support/until';
import { MemoryStore } from '../../support/memory-store';
import { silentLog } from '../../support/silent-log';

class Recorder implements StoreListener {
  readonly told: string[] = [];
  onModel = ({ name }: { readonly name: string }): void => void this.told.push(`model ${name}`);
  onVersion = (model: string, version: string): void => void this.told.push(`version ${model}/${version}`);
  onBrokenVersion = (model: string, version: string): void => void this.told.push(`broken ${model}/${version}`);
  onVersionGone = (model: string, version: string): void => void this.told.push(`gone ${model}/${version}`);
  onModelGone = (model: string): void => void this.told.push(`model gone ${model}`);
}

let store: MemoryStore;
let recorder: Recorder;
let observer: StoreObserver;
const observe = async (stillMs = 60_000): Promise<void> => {
  observer = new StoreObserver({ store, listener: recorder, log: silentLog, stillMs, recheckMs: 1 });
  await observer.start();
};
beforeEach(() => {
  store = new MemoryStore();
  recorder = new Recorder();
  store.putModel('m');
  store.put('m', '1');
});
afterEach(() => observer.stop());

it('tells what there is, and then only what changes', async () => {
  await observe();
  expect(recorder.told).toEqual(['model m', 'version m/1']);
  await observer.scan();
  expect(recorder.told).toHaveLength(2);
  expect(store.opened).toBe(1);
});

it('waits for a folder that is being copied, and tells of it once, when it is whole', async () => {
  await observe();
  store.put('m', '2', 'verifying');
  store.notify();
  // It is looked at again by itself while it is not whole.
  await until('it has looked again', () => store.opened > 4);
  expect(recorder.told).toHaveLength(2);
  store.put('m', '2');
  await until('more is told', () => recorder.told.length > 2);
  expect(recorder.told.slice(2)).toEqual(['version m/2']);
});

it('takes a folder that does not change any more as its author left it', async () => {
  await observe(0);
  store.put('m', '2', 'verifying');
  await observer.scan();
  await observer.scan();
  expect(recorder.told.slice(2)).toEqual(['broken m/2']);
  store.put('m', '2');
  await observer.scan();
  expect(recorder.told.slice(3)).toEqual(['version m/2']);
});

it('says nothing of a half-copied folder that goes again', async () => {
  await observe();
  store.put('m', '2', 'verifying');
  await observer.scan();
  store.remove('m', '2');
  await observer.scan();
  expect(recorder.told).toHaveLength(2);
});

it('tells that versions and models are gone', async () => {
  await observe();
  store.remove('m', '1');
  await observer.scan();
  store.removeModel('m');
  await observer.scan();
  expect(recorder.told.slice(2)).toEqual(['gone m/1', 'model gone m']);
});

it('takes nothing for gone while it cannot be read', async () => {
  await observe();
  store.unreadable = ['m'];
  await observer.scan();
  store.isGone = true;
  await observer.scan();
  store.isGone = false;
  store.unreadable = [];
  await observer.scan();
  expect(recorder.told).toEqual(['model m', 'version m/1']);
});

it('looks once more where something changed during a look', async () => {
  await observe();
  store.put('m', '2');
  const first = observer.scan();
  store.put('m', '3');
  await Promise.all([first, observer.scan()]);
  expect(recorder.told).toContain('version m/3');
});
