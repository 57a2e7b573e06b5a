import assert from 'node:assert/strict';
import { commands, type Extension, extensions } from 'vscode';

interface Manifest {
  readonly contributes: { readonly commands: readonly { readonly command: string }[] };
}

describe('activation', () => {
  let extension: Extension<unknown>;

  before(() => {
    const found = extensions.getExtension('prompt-flow-sessions.prompt-flow-sessions');
    assert.ok(found, 'the extension under development is not loaded');
    extension = found;
  });

  it('activates on a workspace with a flow', async () => {
    await extension.activate();
    assert.equal(extension.isActive, true);
  });

  it('stands behind every command that package.json contributes', async () => {
    await extension.activate();
    const contributed = (extension.packageJSON as Manifest).contributes.commands.map(({ command }) => command);
    assert.ok(contributed.length > 0);
    const registered = new Set(await commands.getCommands(true));
    assert.deepEqual(
      contributed.filter((command) => !registered.has(command)),
      [],
    );
  });
});
