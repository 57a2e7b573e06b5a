import fs from 'node:fs';
import path from 'node:path';
import type { LogLine } from '../contract/runtime';

export type Operation = LogLine['operation'];

/** One operation's mirrored log. */
export interface StoredLog {
  readonly file: string;
  readonly operation: Operation;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly bytes: number;
}

/** Takes an operation's lines as they come; lines never carry a secret. Writing never fails an operation. */
export interface OperationLog {
  write(line: string): void;
  end(): void;
}

export interface LogLimits {
  readonly perFlow: number;
  readonly allBytes: number;
  readonly oneBytes: number;
}

/** A log of this size does not matter for the limit of all. */
const smallBytes = 64 * 2 ** 10;
const limits: LogLimits = { perFlow: 5, allBytes: 10 * 2 ** 20, oneBytes: 2 * 2 ** 20 };
/** `20260101T120000.123Z-start-4711.log` */
const fileName = /^(\d{8})T(\d{2})(\d{2})(\d{2}\.\d{3})Z-(start|install|run)-\d+\.log$/;

/**
 * Mirror of what operations said, in the state folder, readable by their owner only: a removed container takes its own logs
 * along. Keeps five per flow, the newest of each kind among them, and 10 MB in all.
 */
export class OperationLogs {
  private readonly folder: string;

  /** The folder's name carries the layout's version: another version's logs are never misread. */
  constructor(
    stateFolder: string,
    private readonly limit: LogLimits = limits,
  ) {
    this.folder = path.join(stateFolder, 'logs-1');
  }

  /** The file is made with the first line, so that an operation that says nothing leaves nothing. */
  open(sessionId: string, operation: Operation, now = new Date()): OperationLog {
    const folder = path.join(this.folder, sessionId);
    const stamp = now.toISOString().replace(/[-:]/g, '');
    const file = path.join(folder, `${stamp}-${operation}-${process.pid}.log`);
    let handle: number | null | undefined;
    let bytes = 0;
    return {
      write: (line) => {
        if (handle === null) return;
        try {
          handle ??= create(folder, file);
          bytes += fs.writeSync(handle, `${line}\n`);
          if (bytes > this.limit.oneBytes) this.close(handle, '… cut: the log is too long\n');
          if (bytes > this.limit.oneBytes) handle = null;
        } catch {
          // No room or no permission: the operation goes on without its log.
          handle = null;
        }
      },
      end: () => {
        if (handle === undefined) return;
        if (handle !== null) this.close(handle);
        handle = null;
        this.pruneFlow(sessionId);
        // Of all flows only now and then: a run is over in milliseconds.
        if (operation !== 'run' || bytes > smallBytes) this.pruneAll();
      },
    };
  }

  /** Newest first. */
  list(sessionId: string): StoredLog[] {
    const folder = path.join(this.folder, sessionId);
    return namesIn(folder)
      .flatMap((name) => storedLog(path.join(folder, name)) ?? [])
      .sort((left, right) => right.startedAt.localeCompare(left.startedAt));
  }

  /** The newest log of the operation, or of all when undefined; null when there is none. */
  newest(
    sessionId: string,
    operation: Operation | undefined,
  ): { readonly log: StoredLog; readonly text: string } | null {
    const log = this.list(sessionId).find((stored) => operation === undefined || stored.operation === operation);
    return log ? { log, text: fs.readFileSync(log.file, 'utf8') } : null;
  }

  private close(handle: number, last = ''): void {
    try {
      if (last !== '') fs.writeSync(handle, last);
    } finally {
      fs.closeSync(handle);
    }
  }

  private pruneFlow(sessionId: string): StoredLog[] {
    const { keep, drop } = divide(this.list(sessionId), this.limit.perFlow);
    drop.forEach(remove);
    return keep;
  }

  private pruneAll(): void {
    const kept = namesIn(this.folder).flatMap((sessionId) => this.pruneFlow(sessionId));
    let bytes = 0;
    for (const log of kept.sort((left, right) => right.startedAt.localeCompare(left.startedAt))) {
      bytes += log.bytes;
      if (bytes > this.limit.allBytes) remove(log);
    }
  }
}

/** The newest of each kind stays, then the newest of all: a hundred runs do not push the start's log out. */
function divide(logs: readonly StoredLog[], most: number): { keep: StoredLog[]; drop: StoredLog[] } {
  const newestOfKind = logs.filter((log, at) => logs.findIndex((other) => other.operation === log.operation) === at);
  const rest = logs.filter((log) => !newestOfKind.includes(log));
  const inOrder = [...newestOfKind, ...rest];
  return { keep: inOrder.slice(0, most), drop: inOrder.slice(most) };
}

function create(folder: string, file: string): number {
  fs.mkdirSync(folder, { recursive: true, mode: 0o700 });
  return fs.openSync(file, 'wx', 0o600);
}

function namesIn(folder: string): string[] {
  try {
    return fs.readdirSync(folder);
  } catch {
    return [];
  }
}

function storedLog(file: string): StoredLog | undefined {
  const match = fileName.exec(path.basename(file));
  if (!match) return undefined;
  const [, day = '', hours, minutes, seconds, operation] = match;
  const startedAt = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}T${hours}:${minutes}:${seconds}Z`;
  try {
    return { file, operation: operation as Operation, startedAt, bytes: fs.statSync(file).size };
  } catch {
    return undefined;
  }
}

/** Another client may have pruned it already; an emptied folder goes too. */
function remove({ file }: StoredLog): void {
  fs.rmSync(file, { force: true });
  try {
    fs.rmdirSync(path.dirname(file));
  } catch {
    // Not empty.
  }
}
