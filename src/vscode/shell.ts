import type * as vscode from 'vscode';
import type { Logger } from '../core/base/logger';
import type { SessionProvider } from '../core/contract/provider';
import type { OperationsUnderWay } from '../core/session/operationsUnderWay';
import type { SessionStore } from '../core/session/sessionStore';
import type { ActiveFlow } from './activeFlow';
import type { FlowIndex } from './flowIndex';
import type { ResultDocuments } from './resultDocument';
import type { Sessions } from './sessions';

/** What the commands work with. */
export interface Shell {
  readonly providers: readonly SessionProvider[];
  readonly store: SessionStore;
  readonly underWay: OperationsUnderWay;
  readonly index: FlowIndex;
  readonly sessions: Sessions;
  readonly active: ActiveFlow;
  readonly results: ResultDocuments;
  readonly channel: vscode.LogOutputChannel;
  readonly log: Logger;
}
