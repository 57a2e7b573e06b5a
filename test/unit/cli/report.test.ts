import assert from 'node:assert/strict';
import { SessionError, cancelled } from '../../../src/core/base/errors';
import { errorDocument, errorText, exitCodeOf } from '../../../src/cli/report';

const error = new SessionError('image-missing', 'There is no image x.', {
  action: 'Correct the image reference',
  detail: 'first\nsecond',
  place: { file: '/flow/flow.dag.yaml', line: 3, column: 5 },
});

describe('what a failure prints', () => {
  it('is a document with kind, message, action, detail and place', () => {
    assert.deepEqual(errorDocument(error), {
      error: {
        kind: 'image-missing',
        message: 'There is no image x.',
        action: 'Correct the image reference',
        detail: 'first\nsecond',
        file: '/flow/flow.dag.yaml',
        line: 3,
        column: 5,
      },
    });
    const bare = errorDocument(new SessionError('engine-down', 'Down.'));
    assert.deepEqual(bare, { error: { kind: 'engine-down', message: 'Down.' } });
  });

  it('is a few lines for people', () => {
    assert.equal(
      errorText(error),
      'Error: There is no image x.\n  at /flow/flow.dag.yaml:3:5\n  first\n  second\n  → Correct the image reference',
    );
    assert.equal(errorText(cancelled()), 'Cancelled.');
    assert.equal(errorText(new Error('boom')), 'Error: boom');
  });

  it('has the exit code of its kind', () => {
    const code = (kind: SessionError['kind']): number => exitCodeOf(new SessionError(kind, ''));
    assert.deepEqual((['usage', 'not-offered', 'no-flow', 'ambiguous-flow'] as const).map(code), [2, 2, 2, 2]);
    assert.deepEqual((['no-session', 'engine-down', 'internal', 'inputs-invalid'] as const).map(code), [1, 1, 1, 1]);
    assert.equal(code('cancelled'), 130);
  });
});
