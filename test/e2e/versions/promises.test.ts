import { loadLargeVersion } from '../../../bench/versions/large-version';
import { promoteUnderLoad } from '../../../bench/versions/promotions';
import { reloadAgain } from '../../../bench/versions/reloads';
import { resumeSubscribers } from '../../../bench/versions/resumed-subscribers';
import { informSubscribers } from '../../../bench/versions/subscribers';
import type { Verdict } from '../../../bench/thresholds';

// What bench/versions measures at full length, short, and without what depends on how busy the machine is.
const isBroken = ({ holds }: Verdict): boolean => !holds;
const isTime = ({ found }: Verdict): boolean => /( ms| %)$/.test(found);

it('subscribers that are cut, replaced and left by a killed server see every event once and in order', async () => {
  const { verdicts } = await resumeSubscribers({ subscribers: 8, events: 120, kills: 2 });
  expect(verdicts.filter(isBroken)).toEqual([]);
}, 180_000);

it('promotions under load fail no prediction, and servedBy is true', async () => {
  const { verdicts } = await promoteUnderLoad({ promotions: 12, blockMs: 500, promotionsPerBlock: 6 });
  const lasting = verdicts.filter((verdict) => !isTime(verdict));
  expect(lasting).toHaveLength(2);
  expect(lasting.filter(isBroken)).toEqual([]);
}, 120_000);

it('loading, promoting and unloading in turn fails no prediction', async () => {
  const { verdicts } = await reloadAgain({ rounds: 20, settling: 5 });
  const lasting = verdicts.filter((verdict) => !isTime(verdict));
  expect(lasting).toHaveLength(1);
  expect(lasting.filter(isBroken)).toEqual([]);
}, 120_000);

it('loading a large version beside other models fails no prediction', async () => {
  const { verdicts } = await loadLargeVersion({ loads: 2, quietMs: 500, capacityMs: 1_000 });
  const lasting = verdicts.filter((verdict) => !isTime(verdict));
  expect(lasting).toHaveLength(1);
  expect(lasting.filter(isBroken)).toEqual([]);
}, 120_000);

it('an event reaches every one of many subscribers', async () => {
  await informSubscribers({ subscribers: 100, events: 5 });
}, 120_000);
