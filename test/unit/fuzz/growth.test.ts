import { afterWarmUp, bytesPerRequest, type MemorySample } from '../../fuzz/growth';

function samples(heapMb: readonly number[]): MemorySample[] {
  return heapMb.map((each, index) => ({ sent: 1_000 * index, heapMb: each, externalMb: 0, residentMb: 0 }));
}

describe('growth of the heap', () => {
  it('is what each request leaves behind', () => {
    expect(bytesPerRequest(samples([50, 51, 52, 53]))).toBeCloseTo(2 ** 20 / 1_000);
  });

  it('is none where the heap goes up and down', () => {
    expect(Math.abs(bytesPerRequest(samples([50, 51, 50, 51, 50])))).toBeLessThan(1);
  });

  it('is looked for after the caches are full', () => {
    expect(bytesPerRequest(afterWarmUp(samples([50, 90, 100, 100, 100, 100])))).toBe(0);
  });
});
