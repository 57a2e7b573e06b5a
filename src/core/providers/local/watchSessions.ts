import { type FSWatcher, watch } from 'node:fs';
import fs from 'node:fs/promises';
import type { Socket } from 'node:net';
import type { Disposable } from '../../base/disposable';
import { connectSocket } from './agentSocket';
import type { Places } from './places';
import { readRecord, sessionIds } from './sessionRecord';

const SETTLE_MS = 20;
/** Where the system gives no more file watchers; milliseconds. */
const POLL_MS = 2000;

/**
 * Calls back when sessions come, go or change. Folders coming and going are seen by the file system; an agent that ends
 * without a word closes the connection that is kept to each.
 */
export class SessionsWatch implements Disposable {
  private readonly lifetime = new AbortController();
  /** By socket path: a session made anew has another one. */
  private readonly present = new Map<string, Socket | 'connecting'>();
  private watcher: FSWatcher | undefined;
  private settle: NodeJS.Timeout | undefined;
  private poll: NodeJS.Timeout | undefined;

  constructor(
    private readonly places: Places,
    private readonly onChange: () => void,
  ) {
    void this.begin();
  }

  dispose(): void {
    this.lifetime.abort();
    clearTimeout(this.settle);
    clearInterval(this.poll);
    this.watcher?.close();
    for (const socket of this.present.values()) if (socket !== 'connecting') socket.destroy();
    this.present.clear();
  }

  private async begin(): Promise<void> {
    await fs.mkdir(this.places.sessions, { recursive: true }).catch(() => undefined);
    if (this.lifetime.signal.aborted) return;
    try {
      this.watcher = watch(this.places.sessions, () => this.changed());
      this.watcher.on('error', () => this.pollInstead());
    } catch {
      this.pollInstead();
    }
    await this.meetAll();
  }

  private pollInstead(): void {
    this.watcher?.close();
    this.poll ??= setInterval(() => this.changed(), POLL_MS);
  }

  private changed(): void {
    clearTimeout(this.settle);
    this.settle = setTimeout(() => {
      void this.meetAll();
      this.onChange();
    }, SETTLE_MS);
  }

  private async meetAll(): Promise<void> {
    const ids = await sessionIds(this.places);
    await Promise.all(ids.map((id) => this.meet(id)));
  }

  private async meet(id: string): Promise<void> {
    const record = await readRecord(this.places, id);
    if (!record || this.lifetime.signal.aborted || this.present.has(record.socket)) return;
    this.present.set(record.socket, 'connecting');
    try {
      const socket = await connectSocket(record.socket, this.lifetime.signal);
      this.present.set(record.socket, socket);
      socket.resume().on('error', () => undefined);
      socket.on('close', () => this.lose(record.socket));
    } catch {
      this.present.delete(record.socket);
    }
  }

  private lose(socket: string): void {
    if (this.present.delete(socket) && !this.lifetime.signal.aborted) this.changed();
  }
}
