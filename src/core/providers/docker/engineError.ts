import { cancelled, isSessionError, SessionError, type ErrorKind } from '../../base/errors';
import { engineDown, permissionDenied, type EngineEndpoint } from './endpoint';

/** The HTTP status of the engine's answer behind an error, if there was one. */
export function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  if ('statusCode' in error && typeof error.statusCode === 'number') return error.statusCode;
  return 'cause' in error ? statusOf(error.cause) : undefined;
}

/** Docker answers 409, Podman 500, when a container of the wanted name is there. */
export function nameTaken(error: unknown): boolean {
  const status = statusOf(error);
  return status === 409 || (status === 500 && /name .* is (already )?in use/i.test(engineWords(error)));
}

/** The engine's own words, without the wrapping that docker-modem puts round them. */
export function engineWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^\(HTTP code \d+\) .*? - /, '').trim();
}

/** Any failure of a call to the engine as a SessionError. */
export function engineError(error: unknown, endpoint: EngineEndpoint, signal?: AbortSignal): SessionError {
  if (signal?.aborted) return cancelled();
  if (isSessionError(error)) return error;
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (statusOf(error) === undefined && code) return connectionError(code, endpoint, error);
  return refusal(engineWords(error), error);
}

function connectionError(code: string, endpoint: EngineEndpoint, cause: unknown): SessionError {
  switch (code) {
    case 'ENOENT':
    case 'ECONNREFUSED':
      return engineDown(endpoint, cause);
    case 'EACCES':
    case 'EPERM':
      return permissionDenied(endpoint, cause);
    case 'ECONNRESET':
    case 'EPIPE':
    case 'ECONNABORTED':
    case 'ERR_STREAM_PREMATURE_CLOSE':
      return engineRestarted(endpoint, cause);
    default:
      return engineSilent(endpoint, cause, code);
  }
}

export function engineSilent(endpoint: EngineEndpoint, cause?: unknown, code = 'no answer in time'): SessionError {
  return new SessionError(
    'engine-down',
    `The container engine at ${endpoint.url} (${endpoint.source}) does not answer: ${code}.`,
    { action: 'Start Docker', cause },
  );
}

export function engineRestarted(endpoint: EngineEndpoint, cause?: unknown): SessionError {
  return new SessionError(
    'engine-restarted',
    `The container engine at ${endpoint.url} stopped or restarted in the middle of this.`,
    {
      action: 'Try again',
      cause,
    },
  );
}

interface Refusal {
  readonly pattern: RegExp;
  readonly kind: ErrorKind;
  readonly message: (words: string) => string;
  readonly action: string;
}

/** What Docker and Podman say, and what it means. The first match counts. */
const refusals: readonly Refusal[] = [
  {
    pattern: /no space left on device|disk quota exceeded/i,
    kind: 'disk-full',
    message: () => 'The disk that holds the containers is full.',
    action: 'Free space, for example with `docker system prune`',
  },
  {
    pattern: /no such image|image not known|does not exist locally/i,
    kind: 'image-missing',
    message: (words) => `The engine does not have the image: ${words}.`,
    action: 'Choose another base image',
  },
  {
    pattern:
      /no matching manifest for|does not match the specified platform|image operating system .* cannot be used|exec format error/i,
    kind: 'image-platform',
    message: () => 'The image is made for another kind of processor or system than this engine has.',
    action: 'Choose a base image for this platform',
  },
  {
    pattern:
      /bind source path does not exist|mounts denied|file sharing|path .* is not shared|statfs .*: no such file|error while creating mount source/i,
    kind: 'flow-not-visible',
    message: () => 'The container engine cannot see the flow folder.',
    action: "Move the folder below your home, or share it in the engine's settings",
  },
  {
    pattern:
      /exec: "?\/bin\/sh"?: .*(no such file|not found)|executable file `?\/bin\/sh`? not found|stat \/bin\/sh: no such file/i,
    kind: 'image-without-python',
    message: () => 'The image has no shell, and so no Python that a session could use.',
    action: 'Choose a base image with Python 3.8 or later',
  },
  {
    pattern: /network .* not found|unable to find network/i,
    kind: 'engine-refused',
    message: (words) => `The engine does not know the network: ${words}.`,
    action: 'Choose a network that `docker network ls` lists',
  },
  {
    pattern: /invalid reference format|repository name must be/i,
    kind: 'image-malformed',
    message: (words) => `The image reference cannot be read: ${words}.`,
    action: 'Change the base image',
  },
  {
    pattern: /no such container|container .* (not found|does not exist)|no container with name or id/i,
    kind: 'no-session',
    message: () => 'The session is not there any more.',
    action: 'Start it again',
  },
];

function refusal(words: string, cause: unknown): SessionError {
  const known = refusals.find(({ pattern }) => pattern.test(words));
  if (known) return new SessionError(known.kind, known.message(words), { action: known.action, detail: words, cause });
  return new SessionError('engine-refused', `The container engine refused: ${words}.`, {
    action: 'Show Log',
    detail: words,
    cause,
  });
}

/**
 * How registries and engines word it. Bare numbers are no sign, since ports and digests hold them too; nor is
 * `permission denied`, which is about the engine's own files; nor is a word that is part of a name.
 */
const refusesLogin =
  /(?<![\w./:-])unauthorized(?![\w./-])|(?<!permission |[\w./:-])denied(?![\w./-])|authentication required|no basic auth credentials|incorrect username or password|\b40[13] \(?(?:unauthorized|forbidden)|(?:HTTP|status(?: ?code)?):? 40[13]\b/i;
const hasNone = /not found|manifest unknown|name unknown|does not exist|(?:HTTP|status(?: ?code)?):? 404\b/i;

/** What the engine said about a pull, whether by its status or inside a 200 stream. */
export function pullError(words: string, reference: string, cause?: unknown): SessionError {
  const options = (action: string): { action: string; detail: string; cause: unknown } => ({
    action,
    detail: words,
    cause,
  });
  if (/no space left on device/i.test(words)) return refusal(words, cause);
  if (/no matching manifest|does not match the specified platform|no image found in .* for architecture/i.test(words)) {
    return new SessionError(
      'image-platform',
      `The image ${reference} is not made for this engine's platform.`,
      options('Choose another base image'),
    );
  }
  if (refusesLogin.test(words)) {
    const registry = reference.includes('/') ? reference.split('/')[0] : 'docker.io';
    return new SessionError(
      'image-unauthorised',
      `The registry does not let you pull ${reference}, or it does not exist.`,
      options(`Sign in with \`docker login ${registry}\``),
    );
  }
  if (hasNone.test(words)) {
    return new SessionError('image-missing', `There is no image ${reference}.`, options('Correct the image reference'));
  }
  if (/invalid reference format/i.test(words)) return refusal(words, cause);
  return new SessionError(
    'image-pull-failed',
    `The image ${reference} could not be pulled: ${words}.`,
    options('Check its name and the network, or choose an image that is here: docker images'),
  );
}
