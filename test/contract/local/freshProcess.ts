import fs from 'node:fs/promises';
import path from 'node:path';
import { asSessionError } from '../../../src/core/base/errors';
import { readTarget } from '../../../src/core/session/target';
import { never, recorded } from '../bed';
import { localProvider, localRoot, localTraces } from '../localBed';

/** What a first use found: printed as JSON. `freshProcess.ts CACHE SOCKETS PYTHON FLOW FLOW` */
export interface FirstUse {
  readonly uid: number;
  /** Kind of the error of a start that was cancelled while promptflow was being installed, and what it left. */
  readonly cancelled: string;
  readonly leftByCancel: readonly string[];
  /** How often promptflow was installed for two starts at once. */
  readonly installs: number;
  readonly outputs: readonly unknown[];
  readonly pythons: readonly string[];
  readonly leftByStop: readonly string[];
}

async function main([cacheDir = '', sockets = '', interpreter = '', ...folders]: string[]): Promise<FirstUse> {
  const provider = localProvider(cacheDir, sockets);
  const flows = await Promise.all(folders.map((folder) => readTarget(folder)));
  const wanted = { python: { value: interpreter, origin: 'settings' } } as const;
  const plans = await Promise.all(flows.map((flow) => provider.plan(flow, wanted, never)));

  const cancel = new AbortController();
  const log = (line: string): void => (/^(Preparing pip|Using Python)/.test(line) ? cancel.abort() : undefined);
  const cancelled = await provider.start(plans[0]!, recorded({ signal: cancel.signal, log })).then(
    () => 'started',
    (error: unknown) => asSessionError(error).kind,
  );
  const leftByCancel = await fs.readdir(path.join(localRoot(cacheDir), 'base'));

  const contexts = plans.map(() => recorded());
  await Promise.all(plans.map((plan, index) => provider.start(plan, contexts[index]!)));
  const lines = contexts.flatMap((context) => context.lines);
  const runtimes = await Promise.all(flows.map((flow) => provider.connect(flow.sessionId, never)));
  const inputs = { mode: 'greet' };
  const run = (index: number) => runtimes[index]!.run({ flowFile: flows[index]!.file, inputs }, () => undefined, never);
  const outputs = [await run(0), await run(1)].map(({ output, error }) => output ?? error);
  const states = await Promise.all(runtimes.map((runtime) => runtime.state(never)));
  await Promise.all(flows.map((flow) => provider.stop(flow.sessionId, recorded())));
  const left = await Promise.all(flows.map((flow) => localTraces(flow.sessionId, cacheDir)));
  provider.dispose();
  return {
    uid: process.getuid!(),
    cancelled,
    leftByCancel,
    installs: lines.filter((line) => line.startsWith('Installing promptflow ')).length,
    outputs,
    pythons: states.map(({ python }) => python.version),
    leftByStop: left.flat(),
  };
}

main(process.argv.slice(2)).then(
  (found) => process.stdout.write(JSON.stringify(found)),
  (error: unknown) => {
    process.stderr.write(JSON.stringify(asSessionError(error)) + (asSessionError(error).stack ?? ''));
    process.exitCode = 1;
  },
);
