import {
  mayGoLive,
  NO_POINTERS,
  promote,
  rollBack,
  setKnown,
  setUnloaded,
  versionsBelowLive,
  type Pointers,
} from '../../../src/registry/pointers';

const byPerson = { byPerson: true };
const promoteAll = (...versions: readonly string[]): Pointers =>
  versions.reduce((pointers, version) => promote(pointers, version, byPerson), NO_POINTERS);

/** Rolls back as often as there is somewhere to go; the versions that were live on the way. */
function rollBackAll(pointers: Pointers): (string | undefined)[] {
  const [next] = versionsBelowLive(pointers);
  return next === undefined ? [pointers.live] : [pointers.live, ...rollBackAll(rollBack(pointers, next))];
}

it('goes back as often as it was promoted, never to the same version twice', () => {
  expect(rollBackAll(promoteAll('1', '2', '3'))).toEqual(['3', '2', '1']);
});

it('never goes back to a version that was rolled back from', () => {
  const pointers = promote(rollBack(promoteAll('1', '2', '3'), '2'), '4', byPerson);
  expect(rollBackAll(pointers)).toEqual(['4', '2', '1']);
});

it('may go back to a version again once a person has promoted it', () => {
  const pointers = promoteAll('1', '2');
  const again = promote(promote(rollBack(pointers, '1'), '2', byPerson), '3', byPerson);
  expect(rollBackAll(again)).toEqual(['3', '2', '1']);
});

it('passes over what lies between live and where it goes back to', () => {
  const pointers = rollBack(promoteAll('1', '2', '3', '4'), '1');
  expect(pointers).toMatchObject({ live: '1', history: ['1'], rolledBackFrom: ['4'] });
  expect(versionsBelowLive(pointers)).toEqual([]);
});

it('counts a version that was live twice once', () => {
  expect(rollBackAll(promoteAll('1', '2', '1'))).toEqual(['1', '2']);
  expect(rollBackAll(promoteAll('1', '2', '1', '3', '1'))).toEqual(['1', '3', '2']);
});

it('remembers more promotions than anybody takes back, and not all', () => {
  const { history } = promoteAll(...Array.from({ length: 150 }, (_, index) => String(index)));
  expect(history).toHaveLength(100);
  expect(history.at(-1)).toBe('149');
});

it('lets only what is newer than all that ever were go live by itself', () => {
  const pointers = promoteAll('1', '9', '2');
  expect(['10', '9', '3', '1.5'].map((version) => mayGoLive(pointers, version))).toEqual([true, false, false, false]);
  expect(mayGoLive(NO_POINTERS, '1')).toBe(true);
});

it('lets nothing go live by itself after a rollback until a person promotes', () => {
  const rolledBack = rollBack(promoteAll('1', '2'), '1');
  expect(mayGoLive(rolledBack, '3')).toBe(false);
  expect(mayGoLive(promote(rolledBack, '3', { byPerson: false }), '4')).toBe(false);
  const promoted = promote(rolledBack, '1.1', byPerson);
  // Not the one that was taken back, but the next.
  expect(mayGoLive(promoted, '2')).toBe(false);
  expect(mayGoLive(promoted, '3')).toBe(true);
});

it('forgets that a version was unloaded when its folder goes', () => {
  const unloaded = setUnloaded(setKnown(NO_POINTERS, '1', true), '1', true);
  expect(setUnloaded(unloaded, '1', true).unloaded).toEqual(['1']);
  expect(setKnown(unloaded, '1', false)).toEqual(NO_POINTERS);
});
