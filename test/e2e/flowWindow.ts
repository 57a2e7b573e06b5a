import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { Locator } from 'playwright-core';
import { bringUpBed, type Bed } from '../support/bed/bed';
import { endSessions, sessionsIn } from '../support/endSessions';
import { type E2eOptions, type E2eSession, useSession } from '../support/vscode/e2eSession';
import type { VscodeVersion } from '../support/vscode/getVscode';
import type { Tree } from '../support/vscode/tree';

export interface FlowWindow extends E2eSession {
  readonly bed: Bed;
  readonly tree: Tree;
  /** The extension's item in the status bar. */
  readonly statusBar: Locator;
  /** How many sessions of the opened folder's flows the engine has. */
  readonly countSessions: () => Promise<number>;
}

export const examples = path.resolve(__dirname, '../../examples');

/** A command by its title, as the palette shows it. */
export const title = (command: string): string => `Prompt Flow Session: ${command}`;

/** Inside `describe`: a window on the example flows (or another folder) with the bed's engine; what tests start is ended. */
export function useFlowWindow(version: VscodeVersion, options: E2eOptions = {}): () => FlowWindow {
  let bed: Bed | undefined;
  const settings: Record<string, unknown> = { ...options.settings };
  // Sessions on this computer lie in a cache folder of the window's own: nobody else's are shown.
  const cache = path.join(os.tmpdir(), `pf-e2e-cache-${process.pid}`);
  const env: Record<string, string | undefined> = { XDG_CACHE_HOME: cache, ...options.env };
  // Before the window opens: its extension host inherits both.
  before(async () => {
    bed = await bringUpBed();
    settings['promptFlowSession.baseImage'] = bed.images.runtime311;
    env.DOCKER_HOST ??= bed.dockerHost;
  });
  const session = useSession(version, { workspace: examples, theme: 'dark', ...options, settings, env });
  const window = (): FlowWindow => {
    if (!bed) throw new Error('The bed is there inside tests and hooks only.');
    const { dockerHost } = bed;
    const opened = session();
    return {
      ...opened,
      bed,
      tree: opened.workbench.tree('Sessions'),
      statusBar: opened.workbench.statusBarItem('prompt-flow-sessions.prompt-flow-sessions.session'),
      countSessions: async () => (await sessionsIn(dockerHost, opened.folder)).length,
    };
  };
  before(() => window().workbench.openViewContainer('Prompt Flow Sessions'));
  after(() => bed && endSessions(bed.dockerHost, session().folder));
  after(() => fs.rmSync(cache, { recursive: true, force: true }));
  return window;
}
