import { expect, onTestFinished, test } from 'vitest';
import { startLocalSocketServer } from '../../main/api/transports/local-socket-server.ts';
import { connectLocalSocket } from '../../main/api/transports/local-socket-client.ts';
import { localSocketPath } from '../../main/api/transports/local-socket-path.ts';
import { createLog } from '../../main/base/log.ts';
import { fakePeer } from './support/fake-peer.ts';
import { temporaryHome } from './support/homes.ts';

const log = createLog('silent');

test('local socket - a call is answered by its handler', async () => {
  const path = localSocketPath(temporaryHome());
  const peer = fakePeer({
    'settings.get': () => Promise.resolve({ name: 'Ada', downloads: '/d' }),
  });
  const server = await startLocalSocketServer({ path, peer, log });
  onTestFinished(() => server.close());
  const client = await connectLocalSocket(path);
  onTestFinished(() => client.close());
  expect(await client.call('settings.get', {})).toEqual({ name: 'Ada', downloads: '/d' });
});
