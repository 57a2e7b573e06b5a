import path from 'node:path';

/** What pip's own configuration says, read the way pip reads it (pip/_internal/configuration.py, "pip config debug"). */

export interface ConfigHost {
  readonly platform: NodeJS.Platform;
  readonly environment: NodeJS.ProcessEnv;
  readonly home: string;
}

/** Value of an option and where it stands: a file's path, or the environment variable's name. */
export interface PipOption {
  readonly value: string;
  readonly source: string;
}

const NULL_DEVICES = ['/dev/null', 'nul', 'NUL'];

function globalFiles({ platform, environment }: ConfigHost): string[] {
  if (platform === 'win32') return [path.win32.join(environment.ProgramData ?? 'C:\\ProgramData', 'pip', 'pip.ini')];
  if (platform === 'darwin') return ['/Library/Application Support/pip/pip.conf'];
  const folders = (environment.XDG_CONFIG_DIRS || '/etc/xdg').split(':').filter(Boolean);
  return [...folders.map((folder) => path.posix.join(folder, 'pip', 'pip.conf')), '/etc/pip.conf'];
}

function userFiles({ platform, environment, home }: ConfigHost): string[] {
  if (platform === 'win32') {
    const roaming = environment.APPDATA ?? path.win32.join(home, 'AppData', 'Roaming');
    return [path.win32.join(home, 'pip', 'pip.ini'), path.win32.join(roaming, 'pip', 'pip.ini')];
  }
  const own = path.posix.join(environment.XDG_CONFIG_HOME || path.posix.join(home, '.config'), 'pip', 'pip.conf');
  const legacy = path.posix.join(home, '.pip', 'pip.conf');
  const library = path.posix.join(home, 'Library', 'Application Support', 'pip', 'pip.conf');
  return platform === 'darwin' ? [legacy, own, library] : [legacy, own];
}

/** The files that pip reads, least important first. None when PIP_CONFIG_FILE names the null device. */
export function pipConfigFiles(host: ConfigHost): string[] {
  const named = host.environment.PIP_CONFIG_FILE;
  if (named && NULL_DEVICES.includes(named)) return [];
  return [...globalFiles(host), ...userFiles(host), ...(named ? [named] : [])];
}

function optionName(name: string): string {
  const plain = name.trim().toLowerCase().replaceAll('_', '-').replace(/^--/, '');
  // Two names of one option.
  return plain === 'default-timeout' ? 'timeout' : plain;
}

/** `section.option` → value of an INI text: comments, `=` or `:`, values that go on in indented lines. */
export function parseIni(text: string): ReadonlyMap<string, string> {
  const values = new Map<string, string>();
  let section = '';
  let open: string | undefined;
  for (const line of text.replace(/^\ufeff/, '').split(/\r?\n/)) {
    const trimmed = line.trim();
    if (trimmed === '' || /^[#;]/.test(trimmed)) continue;
    const header = /^\[([^\]]+)\]/.exec(trimmed);
    const pair = /^([^=:]+?)\s*[=:]\s*(.*)$/.exec(trimmed);
    if (header && !/^\s/.test(line)) {
      section = header[1]?.trim().toLowerCase() ?? '';
      open = undefined;
    } else if (/^\s/.test(line) && open !== undefined) {
      values.set(open, `${values.get(open) ?? ''}\n${trimmed}`.trim());
    } else if (pair) {
      open = `${section}.${optionName(pair[1] ?? '')}`;
      values.set(open, pair[2]?.trim() ?? '');
    }
  }
  return values;
}

function fromEnvironment(environment: NodeJS.ProcessEnv): Map<string, PipOption> {
  const options = new Map<string, PipOption>();
  for (const [name, value] of Object.entries(environment)) {
    if (/^PIP_[A-Z]/.test(name) && value) options.set(optionName(name.slice(4)), { value, source: name });
  }
  return options;
}

/**
 * The options that `pip install` would take: files in their order, `[install]` before `[global]`, the environment above all.
 * `readText` gives undefined for a file that is not there or not readable.
 */
export async function readPipOptions(
  host: ConfigHost,
  readText: (file: string) => Promise<string | undefined>,
): Promise<ReadonlyMap<string, PipOption>> {
  const options = new Map<string, PipOption>();
  const files = pipConfigFiles(host);
  const texts = await Promise.all(files.map(readText));
  for (const section of ['global', 'install']) {
    files.forEach((file, index) => {
      for (const [name, value] of parseIni(texts[index] ?? '')) {
        if (name.startsWith(`${section}.`)) options.set(name.slice(section.length + 1), { value, source: file });
      }
    });
  }
  for (const [name, option] of fromEnvironment(host.environment)) options.set(name, option);
  return options;
}
