import { mkdirSync } from 'node:fs';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { readTour } from '../../src/server/pages/tour';
import { ROOT, startServer, type TestServer } from '../support/server';
import { launchChromium } from './chromium';
import { PlaygroundPage } from './playground-page';

/** What Altair says of an answer of which only a part has come, as on a slow line; it shows it all the same. */
const PART_OF_AN_ANSWER = 'Could not parse JSON. Using default instead.';
/** Pictures of what was seen, for people. */
const SCREENSHOTS = path.join(ROOT, 'coverage', 'screenshots');
const PICTURE = path.join(ROOT, 'test/fixtures/images/progressive.jpg');

let server: TestServer;
let browser: Browser;
beforeAll(async () => {
  mkdirSync(SCREENSHOTS, { recursive: true });
  [server, browser] = await Promise.all([startServer(), launchChromium()]);
});
afterAll(async () => {
  await Promise.all([browser.close(), server.stop()]);
});

let page: Page;
let playground: PlaygroundPage;
/** What a page must not do: complain, or ask another host. */
let complaints: string[];
beforeEach(async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  page = await context.newPage();
  playground = new PlaygroundPage(page);
  complaints = [];
  page.on('console', (message) => {
    if (!['error', 'warning'].includes(message.type()) || message.text() === PART_OF_AN_ANSWER) return;
    complaints.push(message.text());
  });
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('request', (request) => {
    const url = new URL(request.url());
    if (!['data:', 'blob:'].includes(url.protocol) && url.origin !== server.origin) complaints.push(url.href);
  });
});
afterEach(async () => {
  await page.context().close();
  expect(complaints).toEqual([]);
});

describe('the playground', () => {
  it('opens on the first of its tabs, which are the tour', async () => {
    const titles = (await readTour()).map(({ title }) => title);
    await playground.open(server.origin);
    await playground.tab(titles.at(-1)!).waitFor();
    const names = await page.locator('.window-switcher__item:not(.ng-star-inserted)').allInnerTexts();
    expect(names.map((name) => name.split('\n')[0])).toEqual(titles);
    await playground.activeTab().filter({ hasText: titles[0]! }).waitFor();
  });

  it('runs each tab, one after the other, as it is', async () => {
    await playground.open(server.origin);
    for (const { title, query } of await readTour()) {
      await playground.goTo(title);
      if (query.includes(': Upload')) await addFile('image');
      const answer = await playground.send('"data"');
      expect([title, answer.includes('"errors"')]).toEqual([title, query.includes('its own error')]);
      await page.screenshot({ path: path.join(SCREENSHOTS, `tab ${title.replace(/[^\w.]+/g, ' ')}.png`) });
    }
  }, 180_000);

  it('completes fields from the schema', async () => {
    await playground.open(server.origin);
    await playground.shown('button:has-text("Docs")').click();
    await playground.shown('app-doc-viewer:has-text("Query")').waitFor();
  });
});

async function addFile(name: string): Promise<void> {
  await playground.shown('.variables-editor--title').click();
  await playground.shown('.variables-add-files-button').click();
  await playground
    .shown('.variables-files-list input[type=text], .variables-files-list input:not([type=file])')
    .fill(name);
  await page.locator('.variables-files-list input[type=file]').setInputFiles(PICTURE);
}

describe('the page at /', () => {
  for (const colorScheme of ['light', 'dark'] as const)
    for (const width of [1280, 375])
      it(`shows what runs here, ${colorScheme} and ${width} pixels wide`, async () => {
        await page.emulateMedia({ colorScheme });
        await page.setViewportSize({ width, height: 800 });
        await page.goto(server.origin);
        await page.getByRole('heading', { name: 'sentiment-analyzer' }).waitFor();
        const { scrollWidth, background } = await page.evaluate<{ scrollWidth: number; background: string }>(
          '({ scrollWidth: document.documentElement.scrollWidth, background: getComputedStyle(document.body).backgroundColor })',
        );
        expect(scrollWidth).toBeLessThanOrEqual(width);
        expect(background).toBe(colorScheme === 'dark' ? 'rgb(14, 17, 23)' : 'rgb(246, 247, 251)');
        await page.screenshot({ path: path.join(SCREENSHOTS, `home ${colorScheme} ${width}.png`), fullPage: true });
      });

  it('leads to the playground', async () => {
    await page.goto(server.origin);
    await page.getByRole('link', { name: 'Open the playground' }).click();
    await playground.activeTab().waitFor();
    expect(page.url()).toBe(`${server.origin}/playground`);
  });
});
