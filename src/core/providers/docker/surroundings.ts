import { homedir } from 'node:os';

/** What the provider reads of the computer it runs on; given in so that tests can lay out a computer of their own. */
export interface Surroundings {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly home: string;
  /** Stands before the system's own folders (`/run`); left out, they are this computer's. */
  readonly root?: string;
  readonly platform: NodeJS.Platform;
}

export function currentSurroundings(): Surroundings {
  return { env: process.env, home: homedir(), platform: process.platform };
}
