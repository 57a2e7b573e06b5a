import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import type { Surroundings } from '../../../src/core/providers/docker/surroundings';

/** A computer of the test's own: its home lies in a temporary folder, its environment is empty. */
export class TemporaryHome {
  readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'pf-docker-'));
  private readonly servers: net.Server[] = [];

  around(env: Record<string, string> = {}, platform: NodeJS.Platform = 'linux'): Surroundings {
    return { env, home: this.folder, platform, root: this.path('root') };
  }

  path(name: string): string {
    return path.join(this.folder, name);
  }

  write(name: string, content: string | object, mode = 0o644): string {
    const file = this.path(name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content), { mode });
    return file;
  }

  /** A socket that something listens on. */
  async listen(name: string): Promise<string> {
    const file = this.path(name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    const server = net.createServer((socket) => socket.destroy());
    this.servers.push(server);
    await new Promise<void>((resolve) => server.listen(file, resolve));
    return file;
  }

  dispose(): void {
    for (const server of this.servers) server.close();
    fs.rmSync(this.folder, { recursive: true, force: true });
  }
}
