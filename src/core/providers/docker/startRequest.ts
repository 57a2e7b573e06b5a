import type { Plan } from '../../contract/session';
import type { Person } from './containerSpec';
import type { DockerClient } from './dockerClient';
import type { Owner } from './labels';
import type { PullTarget } from './pull';
import type { PullNotice } from './pullNotices';
import type { SessionNetwork } from './sessionNetwork';
import type { Surroundings } from './surroundings';

export interface StartRequest {
  readonly client: DockerClient;
  readonly plan: Plan;
  readonly image: PullTarget;
  readonly owner: Owner;
  readonly person: Person;
  /** Version of the product. */
  readonly version: string;
  readonly around: Surroundings;
  readonly network: Promise<SessionNetwork>;
  /** Makes a start that pulls known to other processes. */
  readonly announce: (maker: string) => Promise<PullNotice>;
}
