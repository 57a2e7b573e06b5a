import assert from 'node:assert/strict';
import texts from '../../../package.nls.json';
import manifest from '../../../package.json';
import {
  commandIds,
  commandsThatNeedTrust,
  contextKeys,
  settingNames,
  settingsSection,
  viewContainerId,
  viewIds,
} from '../../../src/vscode/ids';

const { contributes } = manifest;
const sorted = (all: Iterable<string>): string[] => [...new Set(all)].sort();

/** Every text below a value, keys left aside. */
function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : [];
}

const menuItems = Object.values(contributes.menus).flat();

describe('package.json and the code', () => {
  it('name the same commands, the menus too', () => {
    const contributed = contributes.commands.map(({ command }) => command);
    assert.deepEqual([...contributed].sort(), sorted(Object.values(commandIds)));
    const known = new Set(contributed);
    assert.deepEqual(
      menuItems.map(({ command }) => command).filter((command) => !known.has(command)),
      [],
    );
    const linked = textsIn(texts).flatMap((text) => [...text.matchAll(/\(command:(promptFlowSession[\w.]*)/g)]);
    assert.ok(linked.length > 0);
    for (const [, command = ''] of linked) assert.ok(known.has(command), `${command} in package.nls.json`);
  });

  it('hold back the same commands before the workspace is trusted', () => {
    const held = contributes.commands.filter((command) => command.enablement?.includes('isWorkspaceTrusted'));
    assert.deepEqual(held.map(({ command }) => command).sort(), sorted(commandsThatNeedTrust));
  });

  it('name the same views in the same container', () => {
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [viewContainerId],
    );
    assert.deepEqual(Object.keys(contributes.views), [viewContainerId]);
    const views = contributes.views[viewContainerId].map(({ id }) => id);
    assert.deepEqual(sorted(views), sorted(Object.values(viewIds)));
    for (const { view } of contributes.viewsWelcome) assert.ok(views.includes(view), `welcome content of ${view}`);
  });

  it('name the same context keys', () => {
    const clauses = [...menuItems, ...contributes.viewsWelcome, ...contributes.commands].flatMap((item) =>
      ['when', 'enablement'].map((name) => (item as Readonly<Record<string, string>>)[name] ?? ''),
    );
    const views = new Set<string>(Object.values(viewIds));
    const keys = clauses.flatMap((clause) => clause.match(/promptFlowSession\.\w+/g) ?? []);
    assert.deepEqual(sorted(keys.filter((key) => !views.has(key))), sorted(Object.values(contextKeys)));
  });

  it('name the same settings', () => {
    const named = Object.values(settingNames).map((name) => `${settingsSection}.${name}`);
    assert.deepEqual(sorted(Object.keys(contributes.configuration.properties)), sorted(named));
    for (const setting of manifest.capabilities.untrustedWorkspaces.restrictedConfigurations)
      assert.ok(named.includes(setting), setting);
  });

  it('have a text for each key, and a use for each text', () => {
    const keys = textsIn(manifest).flatMap((text) => /^%(.+)%$/.exec(text)?.[1] ?? []);
    assert.deepEqual(sorted(keys), sorted(Object.keys(texts)));
  });
});
