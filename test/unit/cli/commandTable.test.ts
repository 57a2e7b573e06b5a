import assert from 'node:assert/strict';
import { commands, findCommand } from '../../../src/cli/commandTable';
import { commandHelp } from '../../../src/cli/help';

describe('the table of commands', () => {
  it('says of every command what the command says of itself', async () => {
    for (const [name, { summary, load }] of Object.entries(commands)) {
      const { spec } = await load();
      assert.deepEqual([spec.name, spec.summary], [name, summary]);
      assert.ok(
        spec.examples.some((example) => example.includes(`pf-session ${name}`)),
        name,
      );
      const help = commandHelp(spec);
      for (const [option, { later = false, help: text }] of Object.entries(spec.options)) {
        assert.equal(help.includes(`--${option}`), !later, `${name} --${option}`);
        assert.ok(later || text.length > 0, `${name} --${option} has no help`);
      }
    }
  });

  it('knows names only by what it holds', () => {
    assert.throws(() => findCommand('constructor'), { kind: 'usage' });
    assert.throws(() => findCommand('sweep'), { kind: 'not-offered' });
    assert.equal(findCommand('start'), commands.start);
  });
});
