import * as vscode from 'vscode';
import type { Logger } from '../core/base/logger';
import type { OperationContext, Phase } from '../core/contract/session';
import { commandIds } from './ids';

const phaseNames: Readonly<Record<Phase, () => string>> = {
  check: () => vscode.l10n.t('checking'),
  pull: () => vscode.l10n.t('pulling the base image'),
  python: () => vscode.l10n.t('looking for Python'),
  promptflow: () => vscode.l10n.t('installing prompt flow'),
  create: () => vscode.l10n.t('creating'),
  agent: () => vscode.l10n.t('bringing the agent in'),
  boot: () => vscode.l10n.t('starting'),
  install: () => vscode.l10n.t('installing requirements'),
  stop: () => vscode.l10n.t('stopping'),
  reset: () => vscode.l10n.t('resetting'),
  update: () => vscode.l10n.t('changing settings'),
  run: () => vscode.l10n.t('running'),
};

export const phaseName = (phase: Phase): string => phaseNames[phase]();

/** One notification for one operation: named phases, percent where known, Cancel, a link to the log in its title. */
export async function withProgress<T>(
  title: string,
  log: Logger,
  operation: (context: OperationContext) => Promise<T>,
): Promise<T> {
  const options = {
    location: vscode.ProgressLocation.Notification,
    title: `[${title}](command:${commandIds.showLog} "${vscode.l10n.t('Show log')}")`,
    cancellable: true,
  };
  return vscode.window.withProgress(options, (progress, token) => {
    const abort = new AbortController();
    token.onCancellationRequested(() => abort.abort());
    let shown = 0;
    return operation({
      signal: abort.signal,
      log: (line) => log.info(line),
      report(phase, fraction, detail) {
        const percent = fraction === undefined ? 0 : Math.round(fraction * 100);
        if (fraction === undefined) log.info(`${title}: ${phaseName(phase)}`);
        const message = [phaseName(phase), fraction === undefined ? '' : `${percent} %`, detail ?? '']
          .filter(Boolean)
          .join(' · ');
        progress.report({
          message,
          increment: phase === 'pull' && fraction !== undefined ? Math.max(0, percent - shown) : 0,
        });
        if (phase === 'pull') shown = percent;
      },
    });
  });
}
