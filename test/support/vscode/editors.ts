import { posix } from 'node:path';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { QuickInput } from './quickInput';
import { escaped, type PageElement, plain } from './text';

/** The editor area: tabs, text, CodeLenses, webviews. */
export class Editors {
  constructor(
    private readonly page: Page,
    private readonly quickInput: QuickInput,
  ) {}

  /** Opens a file by its path in the opened folder, by quick open. */
  async open(path: string): Promise<void> {
    const [name, parent] = [posix.basename(path), posix.dirname(path)];
    await this.quickInput.open('Control+P', path);
    await this.quickInput.pick(name, parent === '.' ? undefined : parent);
    await this.tab(name).waitFor();
    await this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().waitFor();
  }

  /** The tab in front, when it has that title. */
  tab(title: string): Locator {
    return this.page.locator(`.editor-group-container .tab.active[data-resource-name="${title}"]`);
  }

  /** The lines of the active text editor that are on the screen. */
  async text(): Promise<string> {
    const lines = this.page.locator('.editor-group-container.active .monaco-editor .view-line');
    const placed = await lines.evaluateAll((all: PageElement[]) =>
      all.map((line) => ({ top: line.offsetTop, text: line.textContent ?? '' })),
    );
    return plain(
      placed
        .sort((one, other) => one.top - other.top)
        .map(({ text }) => text)
        .join('\n'),
    );
  }

  /** Types at the end of the active text editor. */
  async append(text: string): Promise<void> {
    await this.page.locator('.editor-group-container.active .monaco-editor .view-lines').first().click();
    await this.page.keyboard.press('Control+End');
    await this.page.keyboard.type(text);
    await this.page.locator('.editor-group-container.active .tab.active.dirty').waitFor();
  }

  async save(): Promise<void> {
    await this.page.keyboard.press('Control+S');
    await this.page.locator('.editor-group-container.active .tab.active.dirty').waitFor({ state: 'detached' });
  }

  /** A CodeLens by its words. */
  codeLens(text: string | RegExp): Locator {
    const words = typeof text === 'string' ? new RegExp(`^\\s*${escaped(text)}$`) : text;
    return this.page.locator('.editor-group-container.active .codelens-decoration a', { hasText: words });
  }

  /** The words of all CodeLenses on the screen. */
  async codeLenses(): Promise<string[]> {
    const lenses = this.page.locator('.editor-group-container.active .codelens-decoration a');
    return (await lenses.allInnerTexts()).map(plain);
  }

  /** The content of the webview in front. */
  webview(): FrameLocator {
    return this.page.frameLocator('iframe.webview.ready').frameLocator('iframe#active-frame');
  }
}
