/** Every id that package.json and the code share; a test compares them both ways. */

export const commandIds = {
  start: 'promptFlowSession.start',
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
  openRequirements: 'promptFlowSession.openRequirements',
} as const;

export type CommandId = (typeof commandIds)[keyof typeof commandIds];

export const viewIds = { sessions: 'promptFlowSession.sessions' } as const;

export const contextKeys = {
  /** The workspace was searched for flows. */
  indexed: 'promptFlowSession.indexed',
  /** Paths of the requirements files that flows name, for `in` clauses. */
  requirementsFiles: 'promptFlowSession.requirementsFiles',
} as const;

export const statusBarItemId = 'session';
