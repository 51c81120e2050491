import type { Locator, Page } from 'playwright-core';

/** What a person sees and does in the playground. */
export class PlaygroundPage {
  constructor(private readonly page: Page) {}

  /** Opens it and waits for its tabs. */
  async open(origin: string): Promise<void> {
    await this.page.goto(`${origin}/playground`);
    await this.activeTab().waitFor();
  }

  tab(title: string): Locator {
    return this.page.locator('.window-switcher__item', { hasText: title });
  }

  activeTab(): Locator {
    return this.page.locator('.window-switcher__item--active');
  }

  /** Goes to a tab and waits until its contents are there. */
  async goTo(title: string): Promise<void> {
    await this.tab(title).click();
    await this.activeTab().filter({ hasText: title }).waitFor();
  }

  /** Every tab has its own copy of everything: the first of those that can be seen. */
  shown(selector: string): Locator {
    return this.page.locator(selector).locator('visible=true').first();
  }

  /** Sends what the tab holds and waits for an answer with this text in it. */
  async send(expected: string): Promise<string> {
    await this.shown('button:has-text("Send Request")').click();
    const result = this.shown('app-query-result').filter({ hasText: expected });
    await result.waitFor();
    return result.innerText();
  }
}
