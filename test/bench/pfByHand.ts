import { places } from '../../src/core/providers/docker/sessionPlaces';
import type { Docker } from '../support/bed/docker';
import { timed } from './measure';

const imagePf = '/azureml-envs/prompt-flow/runtime/bin/pf';

/** `docker run --rm IMAGE pf flow test`, as a person types it; gives the milliseconds. */
export function pfInNewContainer(docker: Docker, image: string, folder: string): Promise<number> {
  const user = `${process.getuid?.() ?? 0}:${process.getgid?.() ?? 0}`;
  const flow = ['--mount', `type=bind,source=${folder},target=${folder}`, '--workdir', folder];
  const options = ['--rm', '--user', user, '--env', 'HOME=/tmp', ...flow, '--entrypoint', imagePf];
  return timed(() => docker.run(['run', ...options, image, 'flow', 'test', '--flow', '.']));
}

/** `docker exec … pf flow test` in a session's container, by the session's own Python; gives the milliseconds. */
export function pfInSession(docker: Docker, container: string, folder: string): Promise<number> {
  const command = [`${places.env}/bin/pf`, 'flow', 'test', '--flow', '.'];
  return timed(() => docker.run(['exec', '--workdir', folder, container, ...command]));
}

/** The same in a container that is no session, by the image's own Python. */
export function pfInContainer(docker: Docker, container: string, folder: string): Promise<number> {
  return timed(() =>
    docker.run(['exec', '--env', 'HOME=/tmp', '--workdir', folder, container, imagePf, 'flow', 'test', '--flow', '.']),
  );
}
