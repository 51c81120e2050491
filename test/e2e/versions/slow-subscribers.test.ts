import WebSocket from 'ws';
import type * as AppModule from '../../../src/app';
import type * as ClientModule from '../../../src/client';
import type * as ConfigModule from '../../../src/config';
import { requireCompiled } from '../../support/compiled';
import { ask, dataOf, graphqlUrl } from '../../support/graphql';
import { freePort } from '../../support/server';
import { silentLog } from '../../support/silent-log';
import { subscribeEvents } from '../../support/event-subscription';
import { until } from '../../support/until';
import { MODEL, VersionFolders } from '../../support/version-folders';
import { PROMOTE, READ_EVENTS } from '../../support/version-operations';

const { createApp } = requireCompiled('app') as typeof AppModule;
const { readConfig } = requireCompiled('config') as typeof ConfigModule;
const { createPredictQLClient } = requireCompiled('client/index') as typeof ClientModule;

/** Fewer than a server keeps and allows, or the tests would have to make hundreds of thousands of events. */
const LIMITS = { maxBehind: 100, keptEvents: 1_000, droppedAtOnce: 10 };
/** More than sockets hold, and then as many as a subscriber may be behind. */
const PROMOTIONS = 300;
/** Each event is asked for with its long reason many times over, so that a few of them fill what sockets hold. */
const REASON = 'Because. '.repeat(100);
const WATCH_AT_LENGTH = `subscription ($after: String) {
  modelVersionChanged(kinds: [CURRENT, PROMOTED], after: $after) {
    cursor kind ${Array.from({ length: 100 }, (_, index) => `r${index}: reason`).join(' ')}
  }
}`;

let folders: VersionFolders;
let app: AppModule.App;
let origin: string;
beforeAll(async () => {
  folders = new VersionFolders(['1', '2']);
  const port = await freePort();
  origin = `http://127.0.0.1:${port}`;
  const config = readConfig({
    PORT: String(port),
    PREDICTQL_MODELS_DIR: folders.models,
    PREDICTQL_DATA_DIR: folders.data,
    PREDICTQL_ENGINES: '1',
  });
  app = await createApp(config, silentLog, { eventLimits: LIMITS });
  await app.start();
  await until('both versions are ready', () => app.registry.findModel(MODEL)?.versions.get('1')?.phase === 'ready');
});
afterAll(async () => {
  await app.close();
  folders[Symbol.dispose]();
});

const live = (): string => app.registry.findModel(MODEL)!.live!.version;
const promote = async (): Promise<void> => {
  const version = live() === '1' ? '2' : '1';
  dataOf(await ask({ origin }, PROMOTE, { input: { model: MODEL, version, reason: REASON } }));
};

/** All cursors of promotions since an event, oldest first. */
async function promotionsAfter(after: string): Promise<string[]> {
  const answer = await ask({ origin }, READ_EVENTS, { kinds: ['PROMOTED'], first: 1_000, after });
  return dataOf(answer).modelVersionEvents!.nodes.map(({ cursor }) => cursor);
}

describe('a subscriber that does not read', () => {
  it('is closed with 1013 and what to do, once it has read what was sent; others hear of everything', async () => {
    const socket = new WebSocket(graphqlUrl({ origin }).replace('http:', 'ws:'), 'graphql-transport-ws');
    const messages: string[] = [];
    const closed = new Promise<{ code: number; reason: string }>((resolve) =>
      socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })),
    );
    socket.on('open', () => socket.send('{"type":"connection_init"}'));
    socket.on('message', (data: Buffer) => {
      messages.push(data.toString());
      if (messages.length === 1)
        socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: WATCH_AT_LENGTH } }));
    });
    const quick = subscribeEvents({ origin }, { kinds: ['CURRENT', 'PROMOTED'] });
    await until('both have their snapshot', () => messages.length === 2 && quick.events.length === 1);
    socket.pause();
    for (let made = 0; made < PROMOTIONS; made++) await promote();
    socket.resume();
    expect(await closed).toEqual({ code: 1013, reason: 'Too slow. Subscribe again after your last cursor.' });
    // What it could not be told is more than the limit, and what was sent before came whole.
    expect(messages.length).toBeLessThanOrEqual(2 + PROMOTIONS - LIMITS.maxBehind);
    await until('the quick one has heard of all', () => quick.events.length === 1 + PROMOTIONS);
    await quick.close();
  });

  it('has all events once and in order all the same, where the typed client reads for it', async () => {
    const sockets: WebSocket[] = [];
    class Watched extends WebSocket {
      constructor(...args: ConstructorParameters<typeof WebSocket>) {
        super(...args);
        sockets.push(this);
      }
    }
    const client = createPredictQLClient({ url: graphqlUrl({ origin }), webSocket: Watched });
    const cursors: string[] = [];
    const reading = (async () => {
      for await (const { modelVersionChanged } of client.subscribe(WATCH_AT_LENGTH) as AsyncIterable<{
        modelVersionChanged: { cursor: string };
      }>)
        cursors.push(modelVersionChanged.cursor);
    })();
    await until('it has its snapshot', () => cursors.length === 1);
    await promote();
    await until('it has its first event', () => cursors.length === 2);
    const ends: number[] = [];
    sockets[0]!.on('close', (code) => ends.push(code));
    sockets[0]!.pause();
    for (let made = 0; made < PROMOTIONS; made++) await promote();
    sockets[0]!.resume();
    const expected = await promotionsAfter(cursors[1]!);
    await until('it has caught up', () => cursors.at(-1) === expected.at(-1));
    expect(cursors.slice(2)).toEqual(expected);
    expect(ends).toEqual([1013]);
    expect(sockets).toHaveLength(2);
    await client.close();
    await reading;
  });
});

describe('a cursor whose followers are not kept any more', () => {
  it('is refused as CURSOR_EXPIRED with the cure, over every way that takes it', async () => {
    const first = app.feed.log.read({ limit: 1 })[0]!.sequence;
    const page = await ask({ origin }, READ_EVENTS, { first: 1 });
    const { cursor } = dataOf(page).modelVersionEvents!.nodes[0]!;
    const nothing = { apply: () => undefined };
    const event = { kind: 'ready', modelName: 'other', version: '1' } as const;
    while (app.feed.log.keepsAllAfter(first)) app.feed.commit([event], nothing);
    const refusal = { message: expect.stringMatching(/no longer kept. Start again without it/) as string };

    const subscription = subscribeEvents({ origin }, { after: cursor });
    await subscription.ended;
    expect(subscription.errors).toMatchObject([{ ...refusal, extensions: { code: 'CURSOR_EXPIRED' } }]);
    await subscription.close();

    const { errors } = await ask({ origin }, READ_EVENTS, { after: cursor });
    expect(errors).toMatchObject([{ ...refusal, extensions: { code: 'CURSOR_EXPIRED' } }]);

    const client = createPredictQLClient({ url: graphqlUrl({ origin }), webSocket: WebSocket });
    await expect(client.subscribe(WATCH_AT_LENGTH, { after: cursor }).next()).rejects.toMatchObject({
      ...refusal,
      code: 'CURSOR_EXPIRED',
    });
    await client.close();
  });
});
