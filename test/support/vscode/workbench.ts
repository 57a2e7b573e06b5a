import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Locator, Page } from 'playwright-core';
import { windowUrl } from './browser';
import { Editors } from './editors';
import { Notifications } from './notifications';
import { QuickInput } from './quickInput';
import type { VscodeServer } from './server';
import { plain } from './text';
import { Tree } from './tree';

export type Theme = keyof typeof themes;

/** The class that the workbench bears once the theme is drawn. */
const themes = { light: '.monaco-workbench.vs', dark: '.monaco-workbench.vs-dark' } as const;

/** Where screenshots go: git does not see it; for the documentation `PF_SCREENSHOT_DIR=docs/images`. */
export const screenshotFolder = resolve(process.env.PF_SCREENSHOT_DIR ?? resolve(__dirname, '../../../test-results'));

/** One window of VS Code, driven as a person would. Every method waits until what it needs is on the screen. */
export class Workbench {
  readonly quickInput: QuickInput;
  readonly notifications: Notifications;
  readonly editors: Editors;

  private constructor(readonly page: Page) {
    this.quickInput = new QuickInput(page);
    this.notifications = new Notifications(page);
    this.editors = new Editors(page, this.quickInput);
  }

  /** Opens the folder in the page. Extensions are still starting when this returns. */
  static async open(page: Page, server: VscodeServer, folder: string): Promise<Workbench> {
    page.setDefaultTimeout(30_000);
    await page.goto(windowUrl(server, folder));
    await page.locator('.part.statusbar .statusbar-item').first().waitFor();
    await page.locator('.part.sidebar .composite.title h2').first().waitFor();
    return new Workbench(page);
  }

  /** Runs a command by its title as the palette shows it, category included: `Prompt Flow Session: Start`. */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.open('F1', `>${title}`);
    await this.quickInput.pick(title);
    await this.quickInput.paletteLeft();
  }

  /** The same by keyboard alone. */
  async typeCommand(title: string): Promise<void> {
    await this.page.keyboard.press('F1');
    await this.page.keyboard.type(title);
    await this.quickInput.focused(title);
    await this.page.keyboard.press('Enter');
    await this.quickInput.paletteLeft();
  }

  /** Whether the palette offers the command now. */
  async offersCommand(title: string): Promise<boolean> {
    await this.quickInput.open('F1', `>${title}`);
    const offered = (await this.quickInput.rows()).some(({ label }) => label === title);
    await this.quickInput.close();
    return offered;
  }

  /** By `publisher.name.` and the first argument of `createStatusBarItem`. */
  statusBarItem(id: string): Locator {
    return this.page.locator(`.statusbar-item[id="${id}"]`);
  }

  /** Shows a view container by the name of its icon in the activity bar. */
  async openViewContainer(name: string): Promise<void> {
    const icon = this.page.locator(`.action-label[aria-label^="${name}"]`);
    const tab = this.page.locator('.activitybar .composite-bar .action-item').filter({ has: icon });
    await tab.waitFor();
    const shown = this.page.locator('.activitybar .composite-bar .action-item.checked').filter({ has: icon });
    if (!(await shown.isVisible())) await tab.click();
    await shown.waitFor();
  }

  /** A tree by its view's title; the view container must be shown. */
  tree(title: string): Tree {
    return new Tree(this.page, title);
  }

  /** What the mouse over the element brings up. */
  async tooltip(element: Locator): Promise<string> {
    await element.hover();
    return plain(await this.page.locator('.workbench-hover-container .monaco-hover-content').last().innerText());
  }

  /** The lines on the screen of the output channel that is shown. */
  async outputText(): Promise<string> {
    const lines = this.page.locator('.part.panel .monaco-editor .view-lines');
    await lines.first().waitFor();
    return plain(await lines.first().innerText());
  }

  /** The lines on the screen of the terminal that is shown. */
  async terminalText(): Promise<string> {
    const rows = this.page.locator('.terminal-wrapper.active .xterm-rows');
    await rows.waitFor();
    return plain(await rows.innerText());
  }

  /** Types into the terminal that is shown. */
  async typeInTerminal(text: string): Promise<void> {
    await this.page.locator('.terminal-wrapper.active .xterm-screen').click();
    await this.page.keyboard.type(text);
  }

  /** Leaves Restricted Mode, as a person does in the workspace trust editor. */
  async trustFolder(): Promise<void> {
    await this.runCommand('Workspaces: Manage Workspace Trust');
    await this.page.locator('.workspace-trust-editor').getByRole('button', { name: 'Trust', exact: true }).click();
    await this.page
      .locator(
        '.workspace-trust-editor .workspace-trust-settings-area.trusted, .workspace-trust-header.workspace-trust-trusted',
      )
      .first()
      .waitFor();
    // On newer versions that editor lies over the window.
    await this.page.keyboard.press('Escape');
  }

  /** As if the person's desktop had changed its colours: whatever is open in the window stays open. */
  async useTheme(theme: Theme): Promise<void> {
    await this.page.emulateMedia({ colorScheme: theme });
    await this.page.locator(themes[theme]).waitFor();
  }

  /** `name-light.png` and `name-dark.png`, of the window or of a part of it, its upper `height` alone; gives the paths. */
  async screenshot(
    name: string,
    wanted: readonly Theme[] = ['light', 'dark'],
    part?: Locator,
    height = Infinity,
  ): Promise<string[]> {
    mkdirSync(screenshotFolder, { recursive: true });
    const paths: string[] = [];
    // Away from what was clicked, so that no tooltip lies over the picture.
    await this.page.mouse.move(640, 520);
    await this.page.locator('.workbench-hover-container').first().waitFor({ state: 'hidden' });
    for (const theme of wanted) {
      await this.useTheme(theme);
      const path = join(screenshotFolder, `${name}-${theme}.png`);
      const box = (await part?.boundingBox()) ?? undefined;
      const clip = box && { ...box, height: Math.min(box.height, height) };
      await this.page.screenshot({ path, clip, animations: 'disabled' });
      paths.push(path);
    }
    return paths;
  }
}
