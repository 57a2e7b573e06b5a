import fs from 'node:fs';
import path from 'node:path';
import { certificateEnvironment } from '../../../src/core/providers/shared/hostCertificates';
import { places } from '../../../src/core/providers/docker/sessionPlaces';
import { installRequirements } from '../../../src/core/session/installRequirements';
import { alternate, timed } from '../measure';
import type { Row } from '../row';
import { context, type Started, type Stand, untilReady } from '../stand';

/** Small ones with dependencies of their own, so that neither side's download or unpacking hides the rest. */
const packages = ['tabulate==0.9.0', 'humanize==4.9.0', 'rich==13.7.1', 'python-slugify==8.0.4', 'arrow==1.3.0'];

/** Save and install against `pip install -r` typed into the session; pip's cache is warm for both. */
export const install: Row = {
  name: 'install',
  measure: async (stand) => {
    const folder = stand.folder('one');
    const file = path.join(folder, 'requirements.txt');
    fs.writeFileSync(file, '');
    const session = await stand.start(folder);
    fs.writeFileSync(file, `${packages.join('\n')}\n`);
    const saveAndInstall = () => installRequirements(session.runtime, file, { dryRun: false }, context);
    const byHand = () => pip(stand, session, ['install', '-r', file]);

    await saveAndInstall();
    const added = await inSession(session);
    const uninstall = async (): Promise<void> => void (await pip(stand, session, ['uninstall', '-y', ...added]));
    const calm = () => untilReady(session.runtime);
    const sample = (work: () => Promise<unknown>, from: () => Promise<void>) => async (): Promise<number> => {
      await from();
      await calm();
      return timed(work);
    };
    const anew = await alternate({ rounds: 5 }, sample(saveAndInstall, uninstall), sample(byHand, uninstall));
    const again = await alternate({ rounds: 5 }, sample(saveAndInstall, calm), sample(byHand, calm));
    await stand.stop(session);
    return [
      {
        what: `Save and install, ${added.length} packages`,
        unit: 'ms',
        measured: anew.measured,
        baseline: { what: 'pip install -r', samples: anew.baseline },
        budget: { kind: 'times', most: 1.1 },
      },
      {
        what: 'Save and install, all met',
        unit: 'ms',
        measured: again.measured,
        baseline: { what: 'pip install -r', samples: again.baseline },
        budget: { kind: 'times', most: 1.1 },
      },
    ];
  },
};

function pip({ docker }: Stand, { container, target }: Started, args: readonly string[]): Promise<string> {
  const network = Object.entries(certificateEnvironment(places.certificates)).flatMap((pair) => ['-e', pair.join('=')]);
  // The images' own settings turn the cache off; the product turns it on.
  const environment = [...network, '-e', 'PIP_NO_CACHE_DIR=0', '-e', 'PIP_NO_INPUT=1'];
  const command = [`${places.env}/bin/python`, '-m', 'pip', ...args];
  return docker.run(['exec', ...environment, '--workdir', target.folder, container, ...command]);
}

/** What the first install brought, dependencies among it. */
async function inSession({ runtime }: Started): Promise<string[]> {
  const found = await runtime.packages(context.signal);
  return found.filter(({ layer }) => layer === 'session').map(({ name }) => name);
}
