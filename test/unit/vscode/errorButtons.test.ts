import assert from 'node:assert/strict';
import { SessionError } from '../../../src/core/base/errors';
import { english } from '../../../src/core/session/localize';
import { errorMessage } from '../../../src/vscode/commands/errorButtons';
import { commandIds } from '../../../src/vscode/ids';

const of = (error: SessionError, about = true) => errorMessage(error, about, english);
const labels = (error: SessionError, about = true) => of(error, about).buttons.map(({ label }) => label);

describe('error message', () => {
  it('runs a command of ours', () => {
    const action = { label: 'Use Local Once', command: commandIds.startLocal };
    const { text, buttons } = of(new SessionError('engine-down', 'No engine.', { action }));
    assert.equal(text, 'No engine.');
    assert.deepEqual(buttons, [
      { label: 'Use Local Once', deed: { do: 'command', command: commandIds.startLocal } },
      { label: 'Try Again', deed: { do: 'again' } },
    ]);
  });

  it('opens a web page', () => {
    const action = { label: 'Read more', command: 'https://example.com/a' };
    assert.deepEqual(of(new SessionError('internal', 'Oh.', { action })).buttons, [
      { label: 'Read more', deed: { do: 'open-url', url: 'https://example.com/a' } },
    ]);
  });

  it('copies what is for a terminal, says so, and never runs it', () => {
    for (const command of ['sudo usermod -aG docker "$USER"', 'http://example.com', 'workbench.action.quit']) {
      const { text, buttons } = of(new SessionError('internal', 'Oh.', { action: { label: 'Do this', command } }));
      assert.equal(text, `Oh. Do this: ${command}`);
      assert.deepEqual(buttons, [{ label: 'Copy Command', deed: { do: 'copy', text: command } }]);
    }
  });

  it('has an action without a command as a sentence, beside what helps', () => {
    const { text, buttons } = of(new SessionError('engine-down', 'No engine answers.', { action: 'Start Docker' }));
    assert.equal(text, 'No engine answers. Start Docker.');
    assert.deepEqual(buttons, [{ label: 'Try Again', deed: { do: 'again' } }]);
  });

  it('offers by kind what helps, for the flow that it is about', () => {
    assert.deepEqual(labels(new SessionError('no-session', 'The flow has no session.')), ['Start']);
    assert.deepEqual(labels(new SessionError('no-session', 'Gone.'), false), [], 'starts no other flow');
    assert.deepEqual(labels(new SessionError('requirements-unreadable', 'Not UTF-8.')), ['Open Requirements']);
    assert.deepEqual(labels(new SessionError('python-missing', 'No Python.')), ['Open Settings']);
  });

  it('offers one way to a file, and one command', () => {
    const place = { file: '/flow/requirements.txt', line: 2 };
    assert.deepEqual(labels(new SessionError('requirements-unreadable', 'Not UTF-8.', { place })), ['Open File']);
    const action = { label: 'Start', command: commandIds.start };
    assert.deepEqual(labels(new SessionError('no-session', 'None runs.', { action })), ['Start']);
  });
});
