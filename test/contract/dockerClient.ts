import { asSessionError } from '../../src/core/base/errors';
import type { Phase } from '../../src/core/contract/session';
import { DockerProvider, type DockerProviderOptions } from '../../src/core/providers/docker/dockerProvider';
import { readTarget } from '../../src/core/session/target';

/** A client in a process of its own, to be killed or to be another user's. Told what to do by its one argument. */
export interface ClientTask {
  readonly options: DockerProviderOptions;
  readonly flow: string;
  readonly image: string;
  /** The phase to wait in for ever. */
  readonly hold?: Phase;
  /** Inputs to run the flow with once it runs. */
  readonly inputs?: Readonly<Record<string, string>>;
  readonly stop?: boolean;
}

/** What it prints, one JSON line each. */
export type ClientWord =
  | { readonly phase: Phase }
  | { readonly held: Phase }
  | { readonly started: { readonly id: string; readonly joined: boolean } }
  | { readonly output: unknown; readonly user: string }
  | { readonly error: { readonly kind: string; readonly message: string; readonly action?: string } };

function say(word: ClientWord): void {
  process.stdout.write(`${JSON.stringify(word)}\n`);
}

async function work(task: ClientTask): Promise<void> {
  const { signal } = new AbortController();
  const context = {
    signal,
    report: (phase: Phase) => say({ phase }),
    log: () => undefined,
    checkpoint: async (phase: Phase) => {
      if (phase !== task.hold) return;
      say({ held: phase });
      await new Promise((resolve) => setTimeout(resolve, 1e9));
    },
  };
  const provider = new DockerProvider(task.options);
  try {
    const flow = await readTarget(task.flow);
    const plan = await provider.plan(flow, { image: { value: task.image, origin: 'chosen now' } }, signal);
    const { id, joined } = await provider.start(plan, context);
    say({ started: { id, joined } });
    if (task.inputs) {
      const runtime = await provider.connect(id, signal);
      const { output, nodes } = await runtime.run(
        { flowFile: flow.file, inputs: task.inputs },
        () => undefined,
        signal,
      );
      say({ output, user: nodes[0]?.stdout ?? '' });
    }
    if (task.stop) await provider.stop(id, context);
  } catch (error) {
    const { kind, message, action } = asSessionError(error);
    say({ error: { kind, message, action: action?.label } });
  } finally {
    provider.dispose();
  }
}

void work(JSON.parse(process.argv[2] ?? '') as ClientTask);
