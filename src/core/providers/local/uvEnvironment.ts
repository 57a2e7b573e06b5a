import type { PipOption } from '../shared/pipConfig';

/** Names of pip's options and the variables that tell uv the same. */
const NAMES: readonly (readonly [string, string, string])[] = [
  ['index-url', 'UV_DEFAULT_INDEX', ' '],
  ['extra-index-url', 'UV_INDEX', ' '],
  ['find-links', 'UV_FIND_LINKS', ','],
  ['trusted-host', 'UV_INSECURE_HOST', ' '],
  ['timeout', 'UV_HTTP_TIMEOUT', ' '],
];

/** What makes uv look where pip would look: uv reads none of pip's settings. What the person set for uv itself stays. */
export function uvEnvironment(
  environment: NodeJS.ProcessEnv,
  pip: ReadonlyMap<string, PipOption>,
  caFile: string | null,
): NodeJS.ProcessEnv {
  const translated: NodeJS.ProcessEnv = {};
  for (const [option, variable, separator] of NAMES) {
    const value = pip.get(option)?.value.split(/\s+/).filter(Boolean).join(separator);
    if (value) translated[variable] = value;
  }
  // pip takes the best version of all indexes, uv by itself the first index that knows the package.
  if (translated.UV_INDEX) translated.UV_INDEX_STRATEGY = 'unsafe-best-match';
  if (caFile !== null) translated.SSL_CERT_FILE = caFile;
  return { ...translated, ...environment, NO_COLOR: '1' };
}
