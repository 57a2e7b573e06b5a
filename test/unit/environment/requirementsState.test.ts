import assert from 'node:assert/strict';
import type { RuntimeState } from '../../../src/core/contract/runtime';
import { promptflowRequirements, requirementsState } from '../../../src/core/environment/requirementsState';

const recorded = (
  state: RuntimeState['requirements']['state'],
  hash: string | null = null,
): RuntimeState['requirements'] => ({
  state,
  file: hash === null ? null : '/flow/requirements.txt',
  hash,
  error: null,
});

describe('requirements state', () => {
  it('compares what was installed with the files as they are', () => {
    assert.equal(requirementsState(recorded('none'), null), 'none');
    assert.equal(requirementsState(recorded('none'), 'a'), 'unchecked');
    assert.equal(requirementsState(recorded('unchecked'), 'a'), 'unchecked');
    assert.equal(requirementsState(recorded('unchecked'), null), 'none');
    assert.equal(requirementsState(recorded('installed', 'a'), 'a'), 'installed');
    assert.equal(requirementsState(recorded('installed', 'a'), 'b'), 'stale');
    assert.equal(requirementsState(recorded('installed', 'a'), null), 'stale');
    assert.equal(requirementsState(recorded('failed', 'a'), 'a'), 'failed');
    assert.equal(requirementsState(recorded('failed', 'a'), 'b'), 'stale');
  });

  it('takes promptflow, given to a session whose image has none, for no requirements of the flow', () => {
    const given = { ...recorded('installed', 'p'), file: promptflowRequirements };
    assert.equal(requirementsState(given, null), 'none');
    assert.equal(requirementsState(given, 'a'), 'unchecked');
  });
});
