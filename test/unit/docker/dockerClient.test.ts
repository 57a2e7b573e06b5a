import assert from 'node:assert/strict';
import http from 'node:http';
import { isCancellation } from '../../../src/core/base/errors';
import { DockerClient } from '../../../src/core/providers/docker/dockerClient';
import { parseEndpoint } from '../../../src/core/providers/docker/endpoint';
import { TemporaryHome } from './temporaryHome';

describe('client of an engine', () => {
  let home: TemporaryHome;
  let server: http.Server;
  let answer: () => void;
  let asked: Promise<void>;
  let questions: number;

  beforeEach(async () => {
    home = new TemporaryHome();
    questions = 0;
    asked = new Promise((heard) => {
      server = http.createServer((_, response) => {
        questions += 1;
        answer = () => response.end(JSON.stringify({ ServerVersion: '20.10', Architecture: 'x86_64' }));
        heard();
      });
    });
    await new Promise<void>((resolve) => server.listen(home.path('engine.sock'), resolve));
  });
  afterEach(() => {
    server.closeAllConnections();
    server.close();
    home.dispose();
  });

  it('asks what the engine is once for all; one who gives up takes nothing from the others', async () => {
    const client = new DockerClient(parseEndpoint(`unix://${home.path('engine.sock')}`, 'test'));
    const impatient = new AbortController();
    const first = assert.rejects(client.facts(impatient.signal), isCancellation);
    const second = client.facts(new AbortController().signal);
    await asked;
    impatient.abort();
    await first;
    answer();
    assert.equal((await second).architecture, 'amd64');
    assert.equal((await client.facts(new AbortController().signal)).version, '20.10');
    assert.equal(questions, 1);
  });
});
