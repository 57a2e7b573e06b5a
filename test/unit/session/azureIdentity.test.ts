import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import {
  azureAlias,
  azureLineageSource,
  azureSessionId,
  repositoryRoot,
  type TokenClaims,
} from '../../../src/core/session/azureIdentity';
import recorded from './fixtures/azure-session-ids.json';

describe('azure session id', () => {
  it("equals what Azure's own client computed, for every recorded case", () => {
    assert.equal(recorded.vectors.length, 37);
    for (const { name, claims, alias, lineageSource, environmentHash, sessionId } of recorded.vectors) {
      assert.equal(azureAlias(claims as TokenClaims | null), alias, name);
      assert.equal(azureSessionId(alias, lineageSource, environmentHash), sessionId, name);
    }
  });

  it('names the flow by its place in the repository, else by the computer and its path', () => {
    assert.equal(azureLineageSource('/home/alice/shop/flows/über', '/home/alice/shop', 1), 'shop/flows/über');
    assert.equal(azureLineageSource('/home/alice/shop', '/home/alice/shop', 1), 'shop/.');
    assert.equal(azureLineageSource('/home/alice/loose', null, 112233445566), '112233445566//home/alice/loose');
  });

  it('finds the working tree, a linked worktree and submodule too', () => {
    const root = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'lineage-')));
    try {
      fs.mkdirSync(path.join(root, 'shop', '.git'), { recursive: true });
      fs.mkdirSync(path.join(root, 'shop', 'vendor', 'flows'), { recursive: true });
      assert.equal(repositoryRoot(path.join(root, 'shop', 'vendor', 'flows')), path.join(root, 'shop'));
      fs.writeFileSync(path.join(root, 'shop', 'vendor', '.git'), 'gitdir: ../.git/modules/vendor\n');
      assert.equal(repositoryRoot(path.join(root, 'shop', 'vendor', 'flows')), path.join(root, 'shop', 'vendor'));
      assert.equal(repositoryRoot(root), null);
    } finally {
      fs.rmSync(root, { recursive: true });
    }
  });
});
