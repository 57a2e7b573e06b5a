import fs from 'node:fs/promises';
import path from 'node:path';
import { runCommand } from './commandRun';

/** A Python on this computer, as it described itself. */
export interface PythonFacts {
  /** The interpreter to build on: the one below a virtual environment, when it was found in one. */
  readonly executable: string;
  readonly implementation: string;
  /** "3.11.7" */
  readonly version: string;
  /** Interpreters with the same tag can use the same binary packages: "cp311-x86_64-glibc2.36". */
  readonly abi: string;
}

/** The oldest that the product supports, and the newest that promptflow is known to work on: minors of Python 3. */
const OLDEST_MINOR = 9;
const NEWEST_PROVEN_MINOR = 13;

const QUESTION = `
import json, platform, sys
tag = "%s%d%d%s" % ({"cpython": "cp", "pypy": "pp"}.get(sys.implementation.name, sys.implementation.name), *sys.version_info[:2], getattr(sys, "abiflags", ""))
libc = "".join(platform.libc_ver()) if sys.platform.startswith("linux") else sys.platform
print(json.dumps({
    "executable": getattr(sys, "_base_executable", None) or sys.executable,
    "implementation": sys.implementation.name,
    "version": "%d.%d.%d" % sys.version_info[:3],
    "abi": "-".join([tag, platform.machine(), libc or "musl"]),
}))`;

export function minorOf({ version }: PythonFacts): number {
  const [major, minor] = version.split('.').map(Number);
  return major === 3 ? (minor ?? 0) : 0;
}

/** How well promptflow runs on it. */
export type Suitability = 'proven' | 'untried' | 'too old' | 'not CPython';

export function suitability(python: PythonFacts): Suitability {
  const minor = minorOf(python);
  if (minor < OLDEST_MINOR) return 'too old';
  if (python.implementation !== 'cpython') return 'not CPython';
  return minor <= NEWEST_PROVEN_MINOR ? 'proven' : 'untried';
}

interface Remembered {
  readonly mtimeMs: number;
  readonly size: number;
  readonly facts: PythonFacts;
}

/** Asks interpreters what they are, and remembers the answer while the file stays the same: asking takes 50 ms. */
export class PythonProbe {
  private memory: Map<string, Remembered> | undefined;

  /** `file`: where answers are kept. */
  constructor(
    private readonly file: string,
    private readonly environment: NodeJS.ProcessEnv,
  ) {}

  /** undefined when it is no working Python. */
  async ask(executable: string, signal: AbortSignal): Promise<PythonFacts | undefined> {
    const memory = await this.read();
    const stat = await fs.stat(executable).catch(() => undefined);
    if (!stat?.isFile()) return undefined;
    const known = memory.get(executable);
    if (known && known.mtimeMs === stat.mtimeMs && known.size === stat.size) return known.facts;
    const facts = await this.query(executable, signal);
    // A shim answers for another interpreter, tomorrow maybe for a third one.
    if (facts && (await isSameFile(executable, facts.executable))) {
      memory.set(executable, { mtimeMs: stat.mtimeMs, size: stat.size, facts });
      await this.write();
    }
    return facts;
  }

  private async query(executable: string, signal: AbortSignal): Promise<PythonFacts | undefined> {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(20_000)]);
    const options = { signal: limit, env: this.environment };
    const answer = await runCommand(executable, ['-S', '-E', '-c', QUESTION], options).catch((error: unknown) => {
      if (signal.aborted) throw error;
      return undefined;
    });
    if (answer?.code !== 0) return undefined;
    try {
      return JSON.parse(answer.tail.split('\n').at(-1) ?? '') as PythonFacts;
    } catch {
      return undefined;
    }
  }

  private async read(): Promise<Map<string, Remembered>> {
    if (this.memory) return this.memory;
    const text = await fs.readFile(this.file, 'utf8').catch(() => '{}');
    let entries: [string, Remembered][] = [];
    try {
      const { version, pythons } = JSON.parse(text) as { version?: number; pythons?: Record<string, Remembered> };
      if (version === 1) entries = Object.entries(pythons ?? {});
    } catch {
      // Unreadable: they are asked again.
    }
    this.memory = new Map(entries);
    return this.memory;
  }

  private async write(): Promise<void> {
    const text = JSON.stringify({ version: 1, pythons: Object.fromEntries(this.memory ?? []) });
    const draft = `${this.file}.${process.pid}`;
    await fs.mkdir(path.dirname(this.file), { recursive: true });
    await fs.writeFile(draft, text);
    await fs.rename(draft, this.file);
  }
}

async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => fs.realpath(file).catch(() => undefined)));
  return a !== undefined && a === b;
}
