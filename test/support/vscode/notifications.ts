import type { Locator, Page } from 'playwright-core';
import { plain } from './text';

/** Toasts in the corner, the notification center behind them, and modal dialogs. */
export class Notifications {
  constructor(private readonly page: Page) {}

  /** The toast that says this, progress toasts included. */
  toast(text: string | RegExp): Locator {
    return this.page.locator('.notifications-toasts .notification-list-item', { hasText: text });
  }

  /** Presses a button of the toast: an action, or a progress notification's Cancel. */
  async press(text: string | RegExp, button: string): Promise<void> {
    await this.toast(text).getByRole('button', { name: button, exact: true }).click();
  }

  /** Everything that has been said and not been dismissed, hidden toasts included. VS Code shows no toast of these again. */
  async all(): Promise<string[]> {
    await this.page.locator('.statusbar-item[id="status.notifications"]').click();
    const center = this.page.locator('.notifications-center.visible');
    await center.waitFor();
    const texts = await center.locator('.notification-list-item-message').allInnerTexts();
    await this.page.keyboard.press('Escape');
    await center.waitFor({ state: 'hidden' });
    return texts.map(plain);
  }

  /** The modal dialog that says this. */
  dialog(text: string | RegExp): Locator {
    return this.page.locator('.monaco-dialog-box', { hasText: text });
  }

  async pressInDialog(text: string | RegExp, button: string): Promise<void> {
    await this.dialog(text).getByRole('button', { name: button, exact: true }).click();
  }
}
