import assert from 'node:assert/strict';
import fs from 'node:fs';
import path from 'node:path';
import { commandIds, commandsThatNeedTrust } from '../../../src/vscode/ids';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string; readonly title: string; readonly enablement?: string }[];
  };
}

const root = path.resolve(__dirname, '../../..');
const read = <T>(file: string): T => JSON.parse(fs.readFileSync(path.join(root, file), 'utf8')) as T;

describe('package.json', () => {
  const { commands } = read<Manifest>('package.json').contributes;

  it('contributes the commands that the code knows, and no others', () => {
    assert.deepEqual(commands.map(({ command }) => command).sort(), Object.values(commandIds).sort());
  });

  it('has words for every command', () => {
    const words = read<Record<string, string>>('package.nls.json');
    const missing = commands.filter(({ title }) => words[title.replaceAll('%', '')] === undefined);
    assert.deepEqual(missing, []);
  });

  it('enables what starts or runs something only in a trusted workspace', () => {
    const enabled = commands.filter(({ enablement }) => enablement?.includes('isWorkspaceTrusted'));
    assert.deepEqual(enabled.map(({ command }) => command).sort(), [...commandsThatNeedTrust].sort());
  });
});
