import { join } from 'node:path';
import { attempt, run, type Wanted } from './command';
import { cacheFolder } from './places';

/** The docker CLI bound to one engine, with a config folder of the bed so that nobody's sign-ins are touched. */
export interface Docker {
  readonly host: string;
  readonly env: NodeJS.ProcessEnv;
  run(args: readonly string[], wanted?: Wanted): Promise<string>;
  has(image: string): Promise<boolean>;
}

export const dockerConfigFolder = join(cacheFolder, 'docker-config');

export function dockerAt(host: string): Docker {
  const env: NodeJS.ProcessEnv = { ...process.env, DOCKER_HOST: host, DOCKER_CONFIG: dockerConfigFolder };
  delete env.DOCKER_CONTEXT;
  return {
    host,
    env,
    run: (args, wanted) => run('docker', args, { env, ...wanted }),
    has: async (image) => (await attempt('docker', ['image', 'inspect', '-f', 'x', image], { env })) !== undefined,
  };
}
