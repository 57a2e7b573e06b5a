import * as vscode from 'vscode';
import { SessionError, cancelled } from '../../core/base/errors';
import type { JsonValue, RunEvent, RunResult } from '../../core/contract/runtime';
import type { FlowTarget } from '../../core/contract/session';
import type { FlowInput } from '../../core/flow/flowInputs';
import { withProgress } from '../progress';
import type { FlowSession } from '../sessions';
import type { Shell } from '../shell';
import { savedTarget } from './flowOnDisk';
import { startTarget } from './lifecycle';
import { withLog } from './operate';

type Inputs = Record<string, JsonValue>;

/**
 * Runs the flow in its session, which is started when there is none; asks for the inputs, defaults filled in, but for those that
 * it is called with as `{ inputs }`; shows the result in a tab.
 */
export async function runFlow(shell: Shell, session: FlowSession, more?: unknown): Promise<RunResult> {
  const target = await savedTarget(shell, session);
  const { flowInputs } = await import('../../core/flow/flowInputs');
  const inputs = await askInputs(target, await flowInputs(target.file), inputsIn(more));
  if (!canRun(shell, target.sessionId)) await startTarget(shell, target);
  const result = await execute(shell, target, inputs);
  await shell.results.show(target.name, target.sessionId, result);
  if (result.status === 'Failed') throw runFailed(target, result);
  return result;
}

/** A session runs flows beside an install, as the agent does both. */
function canRun(shell: Shell, id: string): boolean {
  const { state } = shell.store.get(id);
  return state.kind === 'running' || (state.kind === 'changing' && state.change === 'installing');
}

function inputsIn(more: unknown): Inputs {
  if (typeof more !== 'object' || more === null || !('inputs' in more)) return {};
  return { ...(more.inputs as Inputs) };
}

async function execute(shell: Shell, target: FlowTarget, inputs: Inputs): Promise<RunResult> {
  const { name, sessionId } = target;
  const { provider } = shell.store.providerOf(sessionId);
  return withProgress(vscode.l10n.t('Running {0}', name), shell.log, (context) =>
    withLog({ sessionId, log: 'run' }, context, async (logged) => {
      const { signal } = logged;
      const runtime = await provider.connect(sessionId, signal);
      const told = (event: RunEvent): void => {
        if (event.type === 'node-started') logged.report('run', undefined, event.node);
        if (event.type === 'log') logged.log(`${event.node ?? name}: ${event.text.trimEnd()}`);
      };
      logged.report('run');
      return runtime.run({ flowFile: target.file, inputs, environment: {} }, told, signal);
    }),
  );
}

async function askInputs(target: FlowTarget, wanted: readonly FlowInput[], given: Inputs): Promise<Inputs> {
  const inputs = { ...given };
  const asked = wanted.filter(({ name }) => !(name in given));
  for (const [at, input] of asked.entries()) {
    const title = vscode.l10n.t('Run {0} in session ({1}/{2})', target.name, at + 1, asked.length);
    const value = await vscode.window.showInputBox({
      title,
      prompt: [input.name, input.type, input.description].filter(Boolean).join(' · '),
      value: input.default === undefined ? '' : asText(input.default),
      ignoreFocusOut: true,
      validateInput: (text) => problemOf(input, text),
    });
    if (value === undefined) throw cancelled();
    if (value !== '' || input.type === 'string') inputs[input.name] = fromText(input, value);
  }
  return inputs;
}

const asText = (value: JsonValue): string => (typeof value === 'string' ? value : JSON.stringify(value));
const asWritten = new Set(['string', 'image']);

function fromText(input: FlowInput, text: string): JsonValue {
  return asWritten.has(input.type) ? text : (JSON.parse(text) as JsonValue);
}

function problemOf(input: FlowInput, text: string): string | undefined {
  if (asWritten.has(input.type) || text === '') return undefined;
  try {
    const value = fromText(input, text);
    const fits: Readonly<Record<string, boolean>> = {
      int: Number.isInteger(value),
      double: typeof value === 'number',
      bool: typeof value === 'boolean',
      list: Array.isArray(value),
      object: typeof value === 'object' && !Array.isArray(value),
    };
    return (fits[input.type] ?? true) ? undefined : vscode.l10n.t('{0} must be of type {1}.', input.name, input.type);
  } catch {
    return vscode.l10n.t('{0} must be of type {1}, written as JSON.', input.name, input.type);
  }
}

function runFailed(target: FlowTarget, result: RunResult): SessionError {
  const { error } = result;
  const message = vscode.l10n.t('The run of {0} failed: {1}', target.name, error?.message ?? '');
  return new SessionError('run-crashed', message, {
    place: error?.file ? { file: error.file, line: error.line ?? undefined } : undefined,
    detail: error?.traceback ?? undefined,
    action: error?.action ?? undefined,
  });
}
