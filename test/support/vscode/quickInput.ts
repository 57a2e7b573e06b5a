import type { Locator, Page } from 'playwright-core';
import { escaped, type PageElement, plain } from './text';

export interface QuickPickRow {
  /** Without its icons. */
  readonly label: string;
  readonly description: string;
  readonly detail: string;
}

const label = '.quick-input-list-row .label-name';
const description = '.quick-input-list-row .label-description';
const detail = '.quick-input-list-label-meta .label-name';

/** The box at the top: command palette, quick open, quick picks and input boxes. */
export class QuickInput {
  private readonly box: Locator;

  constructor(private readonly page: Page) {
    this.box = page.locator('.quick-input-widget');
  }

  /** Opens it by a key, `F1` or `Control+P`, and types the text. */
  async open(key: string, text: string): Promise<void> {
    await this.page.keyboard.press(key);
    await this.fill(text);
  }

  async title(): Promise<string> {
    await this.box.waitFor();
    return plain(await this.box.locator('.quick-input-title').innerText());
  }

  /** Resolves when the box has this title: what it asked before is answered. */
  async titled(title: string): Promise<void> {
    await this.box.locator('.quick-input-title', { hasText: title }).waitFor();
  }

  /** The prompt or the complaint below an input box. */
  async message(): Promise<string> {
    const message = this.box.locator('.quick-input-message');
    await message.waitFor();
    return plain(await message.innerText());
  }

  /** What stands in the box. */
  async value(): Promise<string> {
    return this.box.locator('input.input').inputValue();
  }

  /** Replaces what stands in the box; in a quick pick that filters the rows. */
  async fill(text: string): Promise<void> {
    await this.box.locator('input.input').fill(text);
  }

  /** Fills an input box and accepts it. */
  async answer(text: string): Promise<void> {
    await this.fill(text);
    await this.page.keyboard.press('Enter');
  }

  /** The rows on the screen, once there is one. */
  async rows(): Promise<QuickPickRow[]> {
    await this.row().first().waitFor();
    const texts = await this.row().evaluateAll(
      (rows: PageElement[], parts) =>
        rows.map((row) => parts.map((part) => row.querySelector(part)?.textContent ?? '')),
      [label, description, detail],
    );
    return texts.map((row) => {
      const [first = '', second = '', third = ''] = row.map(plain);
      return { label: first, description: second, detail: third };
    });
  }

  /** Chooses the row with exactly this label, and with this text in its description when told. */
  async pick(wanted: string, wantedDescription?: string): Promise<void> {
    const exact = this.page.locator(label, { hasText: new RegExp(`^\\s*${escaped(wanted)}\\s*$`) });
    const row = this.row().filter({ has: exact });
    const described = this.page.locator(description, { hasText: wantedDescription });
    await (wantedDescription === undefined ? row : row.filter({ has: described })).first().click();
  }

  /** Resolves when the row with this label is the one that Enter chooses. */
  async focused(wanted: string): Promise<void> {
    const exact = this.page.locator(label, { hasText: new RegExp(`^\\s*${escaped(wanted)}\\s*$`) });
    await this.box.locator('.quick-input-list .monaco-list-row.focused').filter({ has: exact }).waitFor();
  }

  /** The button at the right of the title, Back at its left: by tooltip. */
  async pressButton(name: string): Promise<void> {
    await this.box.getByRole('button', { name }).first().click();
  }

  /** Escape. */
  async close(): Promise<void> {
    await this.page.keyboard.press('Escape');
    await this.closed();
  }

  /** Resolves when no box is open (any more). */
  async closed(): Promise<void> {
    await this.box.waitFor({ state: 'hidden' });
  }

  /** Resolves when the palette is gone; what the command asks next comes in the same box. */
  async paletteLeft(): Promise<void> {
    await this.box.locator('input.input[aria-label*="name of a command"]').waitFor({ state: 'hidden' });
  }

  private row(): Locator {
    return this.box.locator('.quick-input-list .monaco-list-row');
  }
}
