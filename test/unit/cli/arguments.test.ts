import assert from 'node:assert/strict';
import { assignments, parseArguments, readVariables } from '../../../src/cli/arguments';
import type { CommandSpec } from '../../../src/cli/command';

const spec: CommandSpec = {
  name: 'run',
  summary: 'run',
  flow: true,
  options: {
    inputs: { type: 'string', help: '', multiple: true, greedy: true },
    env: { type: 'string', help: '', multiple: true, greedy: true },
    node: { type: 'string', help: '' },
    start: { type: 'boolean', help: '' },
    data: { type: 'string', help: '', later: true },
  },
  examples: [],
};
const parse = (...argv: string[]) => parseArguments(spec, argv);

describe('arguments', () => {
  it('take the words that belong to a greedy option, and no others', () => {
    const given = parse('flow', '--inputs', 'a=1', 'b=x y', 'c==', '--start', '--env', 'A=1', '--inputs', 'd=-1');
    assert.equal(given.flow, 'flow');
    assert.deepEqual(given.list('inputs'), ['a=1', 'b=x y', 'c==', 'd=-1']);
    assert.deepEqual(given.list('env'), ['A=1']);
    assert.deepEqual([given.has('start'), given.has('json'), given.text('node')], [true, false, undefined]);
  });

  it('take a FLOW before, between and after options', () => {
    for (const argv of [
      ['flow', '--inputs', 'a=1'],
      ['--inputs', 'a=1', 'flow'],
      ['--inputs=a=1', 'flow'],
      ['--start', 'flow', '--inputs', 'a=1'],
      ['--inputs', 'a=1', '--', 'flow'],
      ['--inputs', 'in.json', 'flow'],
    ]) {
      assert.equal(parse(...argv).flow, 'flow', argv.join(' '));
      assert.equal(parse(...argv).list('inputs').length, 1, argv.join(' '));
    }
    assert.equal(parse('--', '--odd=folder').flow, '--odd=folder');
    assert.equal(parse().flow, undefined);
  });

  it('refuse what the command does not take', () => {
    const usage = { kind: 'usage' };
    assert.throws(() => parse('--nope'), usage);
    assert.throws(() => parse('one', 'two'), usage);
    assert.throws(() => parse('--node'), usage);
    assert.throws(() => parse('--start=yes'), usage);
    assert.throws(() => parse('--inputs'), usage);
    assert.throws(() => parseArguments({ ...spec, flow: false }, ['flow']), usage);
    assert.throws(() => parse('--data', 'x'), { kind: 'not-offered' });
  });

  it('read NAME=VALUE', () => {
    assert.deepEqual(assignments(['a=1', 'b=', 'c=d=e'], 'env'), { a: '1', b: '', c: 'd=e' });
    assert.throws(() => assignments(['a'], 'env'), { kind: 'usage', message: '--env takes NAME=VALUE, not "a".' });
    assert.throws(() => assignments(['=a'], 'env'), { kind: 'usage' });
  });

  it('take the value of a variable from here when none is given, so that a secret is no argument', () => {
    assert.deepEqual(readVariables(['A=1', 'KEY'], { KEY: 's3cret' }), { A: '1', KEY: 's3cret' });
    assert.throws(() => readVariables(['KEY'], {}), { kind: 'usage' });
  });
});
