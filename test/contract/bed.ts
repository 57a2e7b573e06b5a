import fs from 'node:fs/promises';
import path from 'node:path';
import type { SessionProvider } from '../../src/core/contract/provider';
import type { FlowTarget, OperationContext, Phase, WantedSettings } from '../../src/core/contract/session';
import { readTarget } from '../../src/core/session/target';

/** What a provider under test stands on. */
export interface ProviderBed {
  /** Settings that its starts need: an image that is there, say. */
  readonly wanted: WantedSettings;
  /** A provider as another process would have it; the suite disposes of it. */
  provider(): SessionProvider;
  /** A new empty folder that sessions can see; the bed removes it. */
  folder(name: string): Promise<string>;
  /** Ends the session's agent as a crash would, without a word. */
  killAgent(id: string): Promise<void>;
  /** All that the backend has of a session, as names for a failure's message; empty when nothing is left. */
  traces(id: string): Promise<readonly string[]>;
  close(): Promise<void>;
}

export const never = new AbortController().signal;

export interface RecordedContext extends OperationContext {
  readonly lines: string[];
  readonly phases: Phase[];
}

/** A context that keeps what it is told. */
export function recorded(given: Partial<OperationContext> = {}): RecordedContext {
  const lines: string[] = [];
  const phases: Phase[] = [];
  return {
    signal: never,
    lines,
    phases,
    report: (phase) => {
      if (!phases.includes(phase)) phases.push(phase);
    },
    log: (line) => void lines.push(line),
    ...given,
  };
}

/** Holds an operation at a phase until it is let go. */
export class Hold {
  readonly reached: Promise<void>;
  private arrive: () => void = () => undefined;
  private go: () => void = () => undefined;
  private readonly released: Promise<void>;

  constructor(private readonly phase: Phase) {
    this.reached = new Promise((resolve) => (this.arrive = resolve));
    this.released = new Promise((resolve) => (this.go = resolve));
  }

  readonly checkpoint = async (phase: Phase): Promise<void> => {
    if (phase !== this.phase) return;
    this.arrive();
    await this.released;
  };

  release(): void {
    this.go();
  }
}

const fixture = path.join(__dirname, 'fixtures', 'greeting');

/** The greeting flow, copied into a folder of the bed with blanks and letters beyond ASCII. */
export async function greetingFlow(bed: ProviderBed): Promise<FlowTarget> {
  const folder = path.join(await bed.folder('flow ü 1'), 'greeting');
  await copyGreeting(folder);
  return readTarget(folder);
}

export async function copyGreeting(folder: string): Promise<void> {
  await fs.cp(fixture, folder, { recursive: true });
}

/** Waits for something that others bring about; fails with `what` when it does not come. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`did not come: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
