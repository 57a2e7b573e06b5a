import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { folder } from './places';
import { pidOf } from './processes';

type Ports = Record<string, number>;

/** The daemon's port: the same one as ever while it is free or the daemon's own, so that addresses stay. */
export async function portFor(name: string): Promise<number> {
  const path = join(folder(), 'ports.json');
  const ports: Ports = existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Ports) : {};
  const known = ports[name];
  if (known !== undefined && (pidOf(name) !== undefined || (await listenOn(known)) !== undefined)) return known;
  const free = await listenOn(0);
  if (free === undefined) throw new Error('No free port on 127.0.0.1.');
  writeFileSync(path, JSON.stringify({ ...ports, [name]: free }));
  return free;
}

/** The port that was got, where one could be: also the way to ask whether the address is this machine's. */
export function listenOn(port: number, address = '0.0.0.0'): Promise<number | undefined> {
  return new Promise((done) => {
    const server = createServer();
    server.on('error', () => done(undefined));
    server.listen(port, address, () => {
      const got = server.address();
      server.close(() => done(typeof got === 'object' ? got?.port : undefined));
    });
  });
}
