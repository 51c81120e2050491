import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ROOT, startServer, type TestServer } from '../support/server';
import { launchChromium } from './chromium';
import { PlaygroundPage } from './playground-page';

const SCREENSHOTS = path.join(ROOT, 'coverage', 'screenshots');

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  const keys = [
    { name: 'web', scopes: ['predict:sentiment', 'models:read'] },
    { name: 'leaving', scopes: ['models:read'] },
  ];
  [server, browser] = await Promise.all([startServer({ keys }), launchChromium()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.stop()]);
});

let page: Page;
let playground: PlaygroundPage;
beforeEach(async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  playground = new PlaygroundPage(page);
  await playground.open(server.origin);
});
afterEach(() => page.context().close());

const picture = (name: string) => page.screenshot({ path: path.join(SCREENSHOTS, `key ${name}.png`) });
const notice = (text: string) => page.getByRole('alert').filter({ hasText: text });

/** As the first tab tells. */
async function enterKey(key: string): Promise<void> {
  await page.locator('.header__menu-item', { hasText: 'Your key' }).click();
  await page.getByText('Environments...').click();
  const dialog = page.locator('.cdk-overlay-container');
  const variables = dialog.locator('.cm-content').locator('visible=true');
  await variables.click();
  await page.keyboard.press('ControlOrMeta+A');
  await page.keyboard.insertText(JSON.stringify({ apiKey: key }));
  await picture('in its place');
  await dialog.getByRole('button', { name: 'Save' }).click();
  await variables.waitFor({ state: 'detached' });
}

describe('the playground of a server that needs a key', () => {
  it('opens on where to put it, and says in the answer that it is missing', async () => {
    await playground.activeTab().filter({ hasText: '0 · Bring your key' }).waitFor();
    await playground.shown('.cm-content:has-text("click \\"Your key\\"")').waitFor();
    expect(await playground.send('UNAUTHENTICATED')).toContain('The key is empty');
    await picture('missing');
  });

  it('says why it has no subscription without one', async () => {
    await playground.goTo('7 · Watch versions change');
    await playground.send('Server Error');
    await notice('The server closed the connection: The key is empty').waitFor();
    await picture('missing, subscription');
  });

  it('sends the key with every query and subscription, and says which scope it lacks', async () => {
    await enterKey(server.keys['web']!);
    expect(await playground.send('"data"')).toContain('"web"');
    await picture('known');
    await playground.goTo('2 · Judge a text');
    expect(await playground.send('"data"')).toContain('"POSITIVE"');
    await playground.goTo('7 · Watch versions change');
    expect(await playground.send('"data"')).toContain('"CURRENT"');
    await picture('with a subscription');
    await playground.goTo('3 · Score a transaction');
    await playground.send('This needs the scope predict:fraud-score.');
    await picture('without the scope');
  }, 180_000);

  it('completes fields from the schema once it has the key', async () => {
    await enterKey(server.keys['web']!);
    await playground.goTo('2 · Judge a text');
    await playground.shown('button:has-text("Docs")').click();
    await playground.shown('app-doc-viewer:has-text("Query")').waitFor();
  });

  it('says why a subscription ended', async () => {
    await enterKey(server.keys['leaving']!);
    await playground.goTo('7 · Watch versions change');
    await playground.send('"CURRENT"');
    server.changeKeys((file) => file.revoke('leaving'));
    await notice('The server closed the connection: The key is revoked.').waitFor();
    await picture('revoked');
  });
});
