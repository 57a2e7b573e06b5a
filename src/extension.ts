import * as vscode from 'vscode';
import { DisposableStore } from './core/base/disposable';
import type { SessionProvider } from './core/contract/provider';
import { currentOwner } from './core/session/identity';
import { lazyProvider } from './core/session/lazyProvider';
import { OperationsUnderWay } from './core/session/operationsUnderWay';
import { SessionStore } from './core/session/sessionStore';
import { ActiveFlow } from './vscode/activeFlow';
import { registerCommands } from './vscode/commands/register';
import { RequirementsLens } from './vscode/editors/requirementsLens';
import { FlowIndex } from './vscode/flowIndex';
import { outputLogger } from './vscode/outputLogger';
import { ResultDocuments } from './vscode/resultDocument';
import { Sessions } from './vscode/sessions';
import * as settings from './vscode/settings';
import { SessionTree } from './vscode/views/sessionTree';
import { StatusBar } from './vscode/views/statusBar';

const readTarget = async (file: string) => (await import('./core/session/target')).readTarget(file);
const requirementsOnDisk = async (file: string) =>
  (await import('./core/session/installRequirements')).requirementsOnDisk(file);

/** Where sessions may run. Their code is loaded with the first listing; settings are read when they are needed. */
function makeProviders({ extension, globalStorageUri }: vscode.ExtensionContext): readonly SessionProvider[] {
  const { version } = extension.packageJSON as { version: string };
  const owner = currentOwner();
  const network = settings.liveNetwork(globalStorageUri.fsPath);
  return [
    lazyProvider('docker', { image: true, size: 'live', terminal: true, isolation: true }, async () => {
      const { DockerProvider } = await import('./core/providers/docker/dockerProvider');
      return new DockerProvider(Object.assign(settings.liveEndpoint(), { owner, version, network }));
    }),
    lazyProvider('local', { image: false, size: 'none', terminal: true, isolation: false }, async () => {
      const { LocalProvider } = await import('./core/providers/local/localProvider');
      return new LocalProvider({ owner, version, network });
    }),
  ];
}

export function activate(context: vscode.ExtensionContext): void {
  const held = new DisposableStore();
  context.subscriptions.push(held);
  const channel = held.add(vscode.window.createOutputChannel('Prompt Flow Sessions', { log: true }));
  const log = outputLogger(channel);
  const providers = makeProviders(context);
  const store = held.add(new SessionStore(providers, log));
  const underWay = new OperationsUnderWay();
  const index = held.add(new FlowIndex(readTarget));
  const sessions = held.add(new Sessions(index, store, requirementsOnDisk));
  const active = held.add(new ActiveFlow(index));
  const results = held.add(new ResultDocuments());
  held.add(new SessionTree(sessions));
  held.add(new StatusBar(sessions, active));
  held.add(new RequirementsLens(sessions, store));
  held.add(registerCommands({ providers, store, underWay, index, sessions, active, results, channel, log }));
  held.add(settings.onDockerEndpointChange(() => void store.reopen()));
  void index.refresh();
}
