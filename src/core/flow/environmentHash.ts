import { createHash } from 'node:crypto';
import { isMapping, pythonJson, type PythonValue } from './pythonJson';
import { splitPythonLines } from './pythonText';
import { readPythonText } from './requirementsText';

const requirementsKey = 'python_requirements_txt';

/** What the flow file says in `environment:`; `undefined` for no such key, `null` for a key without a value. */
export type EnvironmentSection = PythonValue | undefined;

/**
 * SHA-256 (hex) over the environment as promptflow computes it (facts: promptflow `_resolve_requirements`,
 * `_resolve_environment`): the section as JSON with the requirements file replaced by its lines, or by its name where it
 * cannot be read as UTF-8.
 */
export function environmentHash(
  section: EnvironmentSection,
  name: string | undefined,
  bytes: Uint8Array | undefined,
): string {
  return createHash('sha256')
    .update(environmentJson(section, name, bytes))
    .digest('hex');
}

/** What {@link environmentHash} hashes. */
export function environmentJson(
  section: EnvironmentSection,
  name: string | undefined,
  bytes: Uint8Array | undefined,
): string {
  const environment = section === undefined ? new Map<string, PythonValue>() : section;
  const named = isMapping(environment) ? environment.get(requirementsKey) : undefined;
  const isName = named === undefined || named === null || typeof named === 'string';
  if (!isMapping(environment) || !isName || name === undefined) return pythonJson(environment);
  const text = bytes && readPythonText(bytes);
  const lines = text === undefined ? name : splitPythonLines(text).map((line) => line.text);
  return pythonJson(new Map<string, PythonValue>([...environment, [requirementsKey, lines]]));
}
