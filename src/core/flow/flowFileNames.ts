export type FlowKind = 'dag' | 'flex';

/** The names of flow files, and what they hold. Apart from the reader, so that a flow is found without loading YAML. */
export const flowFileNames: ReadonlyMap<string, FlowKind> = new Map([
  ['flow.dag.yaml', 'dag'],
  ['flow.dag.yml', 'dag'],
  ['flow.flex.yaml', 'flex'],
  ['flow.flex.yml', 'flex'],
]);
