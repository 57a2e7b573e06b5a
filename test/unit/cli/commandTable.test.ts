import assert from 'node:assert/strict';
import { commands, findCommand } from '../../../src/cli/commandTable';
import { doctor } from '../../../src/cli/commands/doctor';
import { install } from '../../../src/cli/commands/install';
import { keepAlive } from '../../../src/cli/commands/keepAlive';
import { list } from '../../../src/cli/commands/list';
import { logs } from '../../../src/cli/commands/logs';
import { packages } from '../../../src/cli/commands/packages';
import { reset } from '../../../src/cli/commands/reset';
import { run } from '../../../src/cli/commands/run';
import { settings } from '../../../src/cli/commands/settings';
import { shell } from '../../../src/cli/commands/shell';
import { start } from '../../../src/cli/commands/start';
import { stop } from '../../../src/cli/commands/stop';
import { commandHelp } from '../../../src/cli/help';

describe('the table of commands', () => {
  it('says of every command what the command says of itself', () => {
    const all = [start, run, install, packages, settings, reset, stop, list, keepAlive, logs, shell, doctor];
    assert.deepEqual(
      all.map(({ spec }) => [spec.name, spec.summary]),
      Object.entries(commands).map(([name, { summary }]) => [name, summary]),
    );
    for (const { spec } of all) {
      assert.ok(
        spec.examples.some((example) => example.includes(`pf-session ${spec.name}`)),
        spec.name,
      );
      const help = commandHelp(spec);
      for (const [option, { later = false, help: text }] of Object.entries(spec.options)) {
        assert.equal(help.includes(`--${option}`), !later, `${spec.name} --${option}`);
        assert.ok(later || text.length > 0, `${spec.name} --${option} has no help`);
      }
    }
  });

  it('knows names only by what it holds', () => {
    assert.throws(() => findCommand('constructor'), { kind: 'usage' });
    assert.throws(() => findCommand('sweep'), { kind: 'not-offered' });
    assert.equal(findCommand('start'), commands.start);
  });
});
