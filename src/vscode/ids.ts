/** Every id that package.json and the code share; a test compares them both ways. */

export const commandIds = {
  start: 'promptFlowSession.start',
  startLocal: 'promptFlowSession.startLocal',
  stop: 'promptFlowSession.stop',
  stopAll: 'promptFlowSession.stopAll',
  reset: 'promptFlowSession.reset',
  saveAndInstall: 'promptFlowSession.saveAndInstall',
  saveOnly: 'promptFlowSession.saveOnly',
  viewPackages: 'promptFlowSession.viewPackages',
  runFlow: 'promptFlowSession.runFlow',
  openTerminal: 'promptFlowSession.openTerminal',
  showLog: 'promptFlowSession.showLog',
  showMenu: 'promptFlowSession.showMenu',
  keepAlive: 'promptFlowSession.keepAlive',
  refresh: 'promptFlowSession.refresh',
  openFlow: 'promptFlowSession.openFlow',
  openFolder: 'promptFlowSession.openFolder',
  openRequirements: 'promptFlowSession.openRequirements',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

/** Commands that start or run something of the workspace: not before it is trusted. package.json says the same as `enablement`. */
export const commandsThatNeedTrust: ReadonlySet<CommandId> = new Set([
  commandIds.start,
  commandIds.startLocal,
  commandIds.reset,
  commandIds.saveAndInstall,
  commandIds.runFlow,
  commandIds.openTerminal,
]);

export const viewContainerId = 'promptFlowSession';

export const viewIds = { sessions: 'promptFlowSession.sessions' } as const;

export const contextKeys = {
  /** The workspace was searched for flows. */
  indexed: 'promptFlowSession.indexed',
  /** Paths of the requirements files that flows name, for `in` clauses. */
  requirementsFiles: 'promptFlowSession.requirementsFiles',
  /** No container engine can be used. */
  engineMissing: 'promptFlowSession.engineMissing',
} as const;

export const settingsSection = 'promptFlowSession';

/** Names of the settings within their section. */
export const settingNames = {
  provider: 'provider',
  idleMinutes: 'idleMinutes',
  baseImage: 'baseImage',
  dockerEndpoint: 'docker.endpoint',
  dockerCpus: 'docker.cpus',
  dockerMemory: 'docker.memory',
  localPython: 'local.python',
  hostNetwork: 'hostNetwork',
} as const;

export type SettingName = (typeof settingNames)[keyof typeof settingNames];

export const statusBarItemId = 'session';
