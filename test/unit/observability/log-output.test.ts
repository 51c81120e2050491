import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, readFileSync, readSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { LogOutput } from '../../../src/observability/log-output';
import { createLogger } from '../../../src/observability/logger';
import { createTemporaryFolder, type TemporaryFolder } from '../../support/temporary-folder';
import { until } from '../../support/until';

let folder: TemporaryFolder;
beforeEach(() => (folder = createTemporaryFolder()));
afterEach(() => {
  jest.useRealTimers();
  folder[Symbol.dispose]();
});

/** A file that a log goes to, and what is in it. */
function openFile(): { readonly output: LogOutput; readonly text: () => string } {
  const file = path.join(folder.path, 'log');
  writeFileSync(file, '');
  return { output: new LogOutput(openSync(file, 'a')), text: () => readFileSync(file, 'utf8') };
}

/** Time stands still for what is put off; all else goes on. */
function stopTimers(): void {
  jest.useFakeTimers({ doNotFake: ['performance', 'setImmediate', 'nextTick', 'queueMicrotask', 'Date'] });
}

async function untilReal(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve));
}

describe('lines of the log', () => {
  it('wait for others for a tenth of a second', async () => {
    const { output, text } = openFile();
    stopTimers();
    output.write('one\n', false);
    output.write('two\n', false);
    jest.advanceTimersByTime(99);
    for (let turn = 0; turn < 20; turn++) await new Promise((resolve) => setImmediate(resolve));
    expect(text()).toBe('');
    jest.advanceTimersByTime(1);
    await untilReal(() => text() === 'one\ntwo\n');
  });

  it('wait no longer where there are many', async () => {
    const { output, text } = openFile();
    stopTimers();
    const line = `${'x'.repeat(999)}\n`;
    for (let count = 0; count < 66; count++) output.write(line, false);
    await untilReal(() => text().length === 66_000);
  });

  it('are written at once where one is a warning, in order', async () => {
    const { output, text } = openFile();
    const log = createLogger('info', { output });
    stopTimers();
    log.info('calm');
    log.warn('alarm');
    await untilReal(() => text().endsWith('\n'));
    const messages = text().trimEnd().split('\n');
    expect(messages.map((line) => (JSON.parse(line) as { msg: string }).msg)).toEqual(['calm', 'alarm']);
  });

  it('are written at once where a person reads them', async () => {
    const { output, text } = openFile();
    const log = createLogger('info', { format: 'text', output });
    stopTimers();
    log.info('calm');
    await untilReal(() => / info {2}calm\n$/.test(text()));
  });

  it('are all there, once, in order, whatever their number', async () => {
    const { output, text } = openFile();
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index} ${'é'.repeat(index % 50)}\n`);
    for (const [index, line] of lines.entries()) {
      output.write(line, index % 1_000 === 0);
      if (index % 3_000 === 0) await new Promise((resolve) => setImmediate(resolve));
    }
    await output.flush();
    expect(text()).toBe(lines.join(''));
  });
});

describe('a log whose reader is slow', () => {
  it('loses nothing, though the pipe does not let its writer wait', async () => {
    const pipe = path.join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const descriptor = openSync(pipe, constants.O_RDWR | constants.O_NONBLOCK);
    const output = new LogOutput(descriptor);
    for (let index = 0; index < 3_000; index++)
      output.write(`{"index":${index},"filling":"${'x'.repeat(300)}"}\n`, false);
    const read = readAll(pipe);
    await output.flush();
    const lines = read() as { readonly index: number }[];
    expect(lines.map(({ index }) => index)).toEqual(Array.from({ length: 3_000 }, (_, index) => index));
    closeSync(descriptor);
  });
});

describe('a log whose reader has stopped', () => {
  it('keeps what there is room for, drops what comes after, and tells so once it is read again', async () => {
    const pipe = path.join(folder.path, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const descriptor = openSync(pipe, 'r+');
    const output = new LogOutput(descriptor);
    const log = createLogger('info', { output });
    const WRITTEN = 12_000;
    for (let index = 0; index < WRITTEN; index++) log.info({ index, filling: 'x'.repeat(1_000) }, 'line');
    expect(output.isStuck).toBe(false);
    await until('it is seen to be stuck', () => output.isStuck);

    const read = readAll(pipe);
    await output.flush();
    log.info('the last');
    await output.flush();
    const lines = read() as { readonly msg: string; readonly index: number; readonly lines: number }[];
    const kept = lines.filter(({ msg }) => msg === 'line');
    expect(kept.map(({ index }) => index)).toEqual(kept.map((_, index) => index));
    // 8 MB of them, and what was under way.
    expect(kept.length).toBeGreaterThan(7_000);
    expect(kept.length).toBeLessThan(10_000);
    expect(lines.slice(kept.length).map(({ msg }) => msg)).toEqual([expect.stringMatching(/dropped/), 'the last']);
    expect(lines[kept.length]!.lines).toBe(WRITTEN - kept.length);
    closeSync(descriptor);
  });
});

/** Reads a pipe until its reading is asked for. */
function readAll(pipe: string): () => unknown[] {
  const descriptor = openSync(pipe, constants.O_RDONLY | constants.O_NONBLOCK);
  const chunks: Buffer[] = [];
  const readOn = (): void => {
    const chunk = Buffer.alloc(65_536);
    try {
      for (;;) chunks.push(Buffer.from(chunk.subarray(0, readSync(descriptor, chunk))));
    } catch {
      // EAGAIN: it is empty.
    }
  };
  const timer = setInterval(readOn, 1);
  return () => {
    clearInterval(timer);
    readOn();
    closeSync(descriptor);
    const lines = Buffer.concat(chunks).toString().trimEnd().split('\n');
    return lines.map((line) => JSON.parse(line) as unknown);
  };
}
