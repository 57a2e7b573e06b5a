import assert from 'node:assert/strict';
import { LocalFlows, ProductLog, run } from '../localFlows';

describe('without a container engine', () => {
  const flows = new LocalFlows();
  const log = new ProductLog();
  before(() => flows.open('auto'));
  after(() => flows.close());

  it('a flow without an image starts on this computer, and that is said', async () => {
    const flow = flows.make('plain');
    await flows.found(flow);
    log.forget();
    await run('start', flow.file);
    assert.equal((await flows.summary(flow))?.provider, 'local');
    await log.says(/\[warning\].*runs on this computer instead, without isolation/);
    await run('stop', flow.file);
  }).timeout(400_000);

  it('a flow with an image does not move there by itself, but when it is asked to', async () => {
    const flow = flows.make('pictured', { image: 'python:3.11-slim' });
    await flows.found(flow);
    await run('start', flow.file);
    await log.says(/engine-down: The flow needs the image python:3\.11-slim/);
    assert.equal(await flows.summary(flow), undefined);
    await run('startLocal', flow.file);
    assert.equal((await flows.summary(flow))?.provider, 'local');
    await run('start', flow.file);
    assert.equal(await flows.isRunning(flow), true, 'its session is joined, whatever the setting says');
    assert.doesNotMatch(log.since, /engine-down/);
    await run('stop', flow.file);
  }).timeout(120_000);
});
