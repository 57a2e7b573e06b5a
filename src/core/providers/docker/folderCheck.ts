import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { SessionError } from '../../base/errors';
import type { FlowTarget } from '../../contract/session';
import type { Hello } from '../shared/hello';
import type { EngineEndpoint } from './endpoint';

/**
 * Rejects with `flow-not-visible` when the agent sees another flow file than we do: engines in a virtual machine, a snap or
 * outside a dev container mount what they find at the path, if only an empty folder. A file that was saved since the plan
 * was made is no such sign.
 */
export async function checkFolder(hello: Hello, target: FlowTarget, endpoint: EngineEndpoint): Promise<void> {
  if (hello.flowFileHash === target.flowFileHash) return;
  if (hello.flowFileHash !== null && hello.flowFileHash === (await hashNow(target.file))) return;
  throw new SessionError('flow-not-visible', `The container engine cannot see the flow folder ${target.folder}.`, {
    action: "Move the folder below your home, or share it in the engine's settings",
    detail: `Engine: ${endpoint.url}`,
  });
}

function hashNow(file: string): Promise<string | undefined> {
  return readFile(file).then(
    (bytes) => createHash('sha256').update(bytes).digest('hex'),
    () => undefined,
  );
}
