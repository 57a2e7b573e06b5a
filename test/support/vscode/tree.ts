import type { Locator, Page } from 'playwright-core';
import { escaped, type PageElement, plain } from './text';

/** One tree view. A row is named by the start of what a screen reader says: "label description", or the extension's own words. */
export class Tree {
  readonly element: Locator;

  constructor(
    private readonly page: Page,
    title: string,
  ) {
    this.element = page.getByRole('tree', { name: title });
  }

  row(name: string | RegExp): Locator {
    const start = typeof name === 'string' ? new RegExp(`^${escaped(name)}`) : name;
    return this.element.getByRole('treeitem', { name: start });
  }

  /** What a screen reader says of each row on the screen. */
  async rows(): Promise<string[]> {
    await this.element.waitFor();
    const labels = await this.element
      .getByRole('treeitem')
      .evaluateAll((rows: PageElement[]) => rows.map((row) => row.getAttribute('aria-label') ?? ''));
    // Only newer versions say so.
    return labels.map((label) => plain(label).replace(/, has actions$/, ''));
  }

  /**
   * Notes from now on when a row first says this; the answer gives that time by the page's clock, in milliseconds, which all
   * pages of a browser share.
   */
  async noteRow(row: RegExp): Promise<() => Promise<number>> {
    const noted = await this.page.evaluateHandle<{ readonly seen: Promise<number> }>(`new Promise((ready) => {
      const says = () => [...document.querySelectorAll('[role="treeitem"]')]
        .some((row) => ${String(row)}.test(row.getAttribute('aria-label') ?? ''));
      const seen = new Promise((found) => {
        const look = () => says() && (observer.disconnect(), found(Date.now()));
        const observer = new MutationObserver(look);
        observer.observe(document.body, { subtree: true, childList: true, attributes: true });
        look();
      });
      ready({ seen });
    })`);
    return () => noted.evaluate(({ seen }) => seen);
  }

  async expand(name: string | RegExp): Promise<void> {
    const row = this.row(name);
    if ((await row.getAttribute('aria-expanded')) !== 'true') await row.locator('.monaco-tl-twistie').click();
    await this.element.locator('[role="treeitem"][aria-expanded="true"]').and(row).waitFor();
  }

  /** Presses an inline action of the row by its title. */
  async pressAction(name: string | RegExp, action: string): Promise<void> {
    await this.row(name).hover();
    await this.row(name).getByRole('button', { name: action, exact: true }).click();
  }

  /** What the row's context menu offers. */
  async menu(name: string | RegExp): Promise<string[]> {
    const items = await this.openMenu(name);
    const titles = await items.allInnerTexts();
    await this.page.keyboard.press('Escape');
    await items.first().waitFor({ state: 'hidden' });
    return titles.map(plain).filter(Boolean);
  }

  async pickFromMenu(name: string | RegExp, title: string): Promise<void> {
    const items = await this.openMenu(name);
    await items.filter({ hasText: new RegExp(`^\\s*${escaped(title)}\\s*$`) }).hover();
    // A menu that has just opened ignores the mouse button for a moment.
    await this.page.keyboard.press('Enter');
    await items.first().waitFor({ state: 'hidden' });
  }

  private async openMenu(name: string | RegExp): Promise<Locator> {
    await this.row(name).click({ button: 'right' });
    const items = this.page.locator('.context-view .monaco-menu .action-item .action-label:not(.separator)');
    await items.first().waitFor();
    return items;
  }
}
