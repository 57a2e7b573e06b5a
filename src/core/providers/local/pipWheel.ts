import fs from 'node:fs/promises';
import path from 'node:path';
import { SessionError } from '../../base/errors';
import { type CommandOptions, runCommand } from './commandRun';
import type { PythonFacts } from './pythonFacts';

/**
 * pip as a wheel, which Python can run as it is: a Python without pip, or with one that belongs to the system, gets a pip of
 * its own by it.
 */

/** Prints where ensurepip keeps its wheel; nothing where it was split off (Debian). */
const FIND_BUNDLED = `
import glob, os
try:
    import ensurepip
except ImportError:
    raise SystemExit
folders = [getattr(ensurepip, "_WHEEL_PKG_DIR", None), os.path.join(os.path.dirname(ensurepip.__file__), "_bundled")]
found = [file for folder in folders if folder for file in sorted(glob.glob(os.path.join(folder, "pip-*.whl")))]
print(found[-1] if found else "")`;

/** Fetches pip's newest wheel that this Python can use from the package index (PEP 503), standard library only. */
const FETCH = `
import hashlib, html.parser, os, re, ssl, sys, urllib.parse, urllib.request
index, target = sys.argv[1].rstrip("/") + "/pip/", sys.argv[2]
context = ssl.create_default_context()
class Links(html.parser.HTMLParser):
    found = []
    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        match = re.search(r"/pip-(\\d+(?:\\.\\d+)*)-py3-none-any\\.whl(?:#sha256=(\\w+))?$", attributes.get("href") or "")
        if not match or "data-yanked" in attributes:
            return
        needs = re.findall(r">=\\s*3\\.(\\d+)", attributes.get("data-requires-python") or "")
        if all(sys.version_info[1] >= int(minor) for minor in needs):
            version = tuple(map(int, match.group(1).split(".")))
            self.found.append((version, urllib.parse.urljoin(index, attributes["href"]), match.group(2)))
Links().feed(urllib.request.urlopen(index, timeout=60, context=context).read().decode("utf-8"))
version, url, digest = max(Links.found)
data = urllib.request.urlopen(url.partition("#")[0], timeout=60, context=context).read()
if digest and hashlib.sha256(data).hexdigest() != digest:
    raise SystemExit("pip from %s is damaged" % index)
file = os.path.join(target, url.partition("#")[0].rpartition("/")[2])
with open(file, "wb") as wheel:
    wheel.write(data)
print(file)`;

const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

async function bundledWheel(python: PythonFacts, options: CommandOptions): Promise<string | undefined> {
  const { code, tail } = await runCommand(python.executable, ['-E', '-c', FIND_BUNDLED], options);
  return code === 0 && lastLine(tail) !== '' ? lastLine(tail) : undefined;
}

async function newestIn(folder: string): Promise<string | undefined> {
  const names = await fs.readdir(folder).catch(() => []);
  const wheel = names.filter((name) => name.endsWith('.whl')).at(-1);
  return wheel && path.join(folder, wheel);
}

/** The system's pip may be too old or too patched to install elsewhere, but it can fetch. */
async function downloadByPip(
  python: PythonFacts,
  folder: string,
  options: CommandOptions,
): Promise<string | undefined> {
  const args = ['-m', 'pip', 'download', '--no-input', '--no-deps', '--only-binary', ':all:', '--dest', folder, 'pip'];
  const { code } = await runCommand(python.executable, args, options);
  return code === 0 ? newestIn(folder) : undefined;
}

/** The path of a wheel of pip for this Python: its own, else one from the package index put into `folder`. */
export async function findPipWheel(
  python: PythonFacts,
  folder: string,
  indexUrl: string,
  options: CommandOptions,
): Promise<string> {
  const own = await bundledWheel(python, options);
  if (own) return own;
  await fs.mkdir(folder, { recursive: true });
  const downloaded = await downloadByPip(python, folder, options);
  if (downloaded) return downloaded;
  const fetched = await runCommand(python.executable, ['-E', '-c', FETCH, indexUrl, folder], options);
  if (fetched.code === 0) return lastLine(fetched.tail);
  throw new SessionError('python-without-venv', `Python ${python.version} has no pip, and none can be fetched.`, {
    action: `Install pip for ${python.executable} (on Debian and Ubuntu: apt install python3-pip)`,
    detail: fetched.tail,
  });
}
