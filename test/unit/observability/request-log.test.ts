import { RequestContext } from '../../../src/context';
import { toText } from '../../../src/observability/log-text';
import type { PredictionFact, RequestFact } from '../../../src/observability/observer';
import { createRequestLog, maskAddress, type RequestLogOptions } from '../../../src/observability/request-log';
import { createCaller } from '../../support/caller';
import { createRecordingLog, type LogEntry } from '../../support/silent-log';

const times = { totalMs: 7, preprocessMs: 1, queueMs: 2, inferenceMs: 3, postprocessMs: 0.123456, batchSize: 4 };
const prediction: PredictionFact = {
  ...{ id: 'p', requestId: 'r', task: 'sentiment', role: 'live', outcome: 'answered', startedAt: 0, times },
  version: { task: 'sentiment', modelName: 'm', version: '1' },
  ...{ input: 'MARKED', result: 'MARKED', span: undefined },
};

function request(changes: Partial<RequestFact> = {}): RequestFact {
  const context = new RequestContext(createCaller({ name: 'ada' }), { id: 'r', address: '203.0.113.7' });
  return {
    ...{ id: 'r', transport: 'http', method: 'POST', status: 200 },
    ...{ operation: { name: 'Ask', type: 'query' }, caller: context.caller },
    ...{ address: context.address, startedAt: 0, endedAt: 9, hasLeft: false, errors: [], span: undefined },
    predictions: [prediction],
    ...changes,
  };
}

function logOf(fact: RequestFact, options: Partial<RequestLogOptions> = {}): LogEntry[] {
  const { log, entries } = createRecordingLog();
  createRequestLog({ log, slowMs: 1_000, addresses: 'masked', ...options }).onRequest(fact);
  return entries;
}

describe('a request', () => {
  it('gets one line: who asked for what, and how long each stage took', () => {
    expect(logOf(request())).toEqual([
      expect.objectContaining({
        ...{ level: 30, msg: 'request', requestId: 'r', transport: 'http', type: 'query', operation: 'Ask' },
        ...{ caller: 'ada', address: '203.0.113.0', ms: 9, predictions: 1 },
        slowest: {
          ...{ id: 'p', task: 'sentiment', model: 'm', version: '1', outcome: 'answered' },
          ...{ preprocessMs: 1, queueMs: 2, inferenceMs: 3, postprocessMs: 0.12, batchSize: 4 },
        },
      }),
    ]);
  });

  it('that was slow is a warning with every prediction', () => {
    const slow = { ...prediction, id: 'slow', times: { ...times, totalMs: 1_400 } };
    const [line] = logOf(request({ endedAt: 1_500, predictions: [prediction, slow] }));
    expect(line).toMatchObject({ level: 40, msg: 'slow request', slowest: { id: 'slow' } });
    expect(line!['each']).toMatchObject([{ id: 'p' }, { id: 'slow' }]);
  });

  it('that failed on our side is a warning with every error; one that the client must put right is not', () => {
    const told = (code: 'OVERLOADED' | 'BAD_USER_INPUT') => ({ code, message: 'Why.', path: ['sentiment'] });
    expect(logOf(request({ errors: [told('OVERLOADED')] }))).toMatchObject([
      { level: 40, msg: 'request failed', codes: ['OVERLOADED'], errors: [told('OVERLOADED')] },
    ]);
    expect(logOf(request({ errors: [told('BAD_USER_INPUT')] }))).toMatchObject([
      { level: 30, msg: 'request', codes: ['BAD_USER_INPUT'] },
    ]);
  });

  it('that subscribed for long was not slow', () => {
    const operation = { name: undefined, type: 'subscription' };
    expect(logOf(request({ operation, endedAt: 60_000, predictions: [] }))).toMatchObject([{ level: 30 }]);
  });

  it('is one line of JSON whatever its names hold', () => {
    const name = '"},\n{"level":60,"msg":"\\\u2028';
    const caller = createCaller({ name });
    const version = { task: 'sentiment', modelName: name, version: name };
    const odd = { ...prediction, id: name, version };
    const operation = { name, type: 'query' };
    expect(logOf(request({ id: name, caller, operation, address: name, predictions: [odd] }))).toEqual([
      expect.objectContaining({
        ...{ level: 30, msg: 'request', requestId: name, operation: name, caller: name },
        slowest: expect.objectContaining({ id: name, model: name, version: name }) as unknown,
      }),
    ]);
  });

  it('never brings what was sent or answered, however much is told of it', () => {
    const failed = request({ endedAt: 5_000, predictions: [prediction, prediction] });
    expect(JSON.stringify(logOf(failed))).not.toContain('MARKED');
  });
});

describe('an address', () => {
  it.each([
    ['203.0.113.7', '203.0.113.0'],
    ['::ffff:203.0.113.7', '203.0.113.0'],
    ['2001:db8:85a3:8d3:1319:8a2e:370:7348', '2001:db8:85a3::'],
    ['::1', '::'],
  ])('%s is masked as %s', (address, masked) => {
    expect(maskAddress(address, 'masked')).toBe(masked);
    expect(maskAddress(address, 'full')).toBe(address);
    expect(maskAddress(address, 'none')).toBeUndefined();
  });
});

describe('the log in a terminal', () => {
  it('is readable: time, level, what happened and the facts', () => {
    const json = '{"level":40,"time":"2026-11-24T14:03:07.512Z","requestId":"r-1","codes":["A"],"msg":"slow request"}';
    expect(toText(json)).toBe('14:03:07.512 warn  slow request requestId=r-1 codes=["A"]\n');
  });

  it('shows an error with its stack below', () => {
    const json = JSON.stringify({
      level: 50,
      time: '2026-11-24T14:03:07.512Z',
      msg: 'x',
      error: { stack: 'E: y\n at z' },
    });
    expect(toText(json)).toBe('14:03:07.512 error x\n    E: y\n     at z\n');
  });
});
