import { beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { handleIpc } from '../../main/desktop/ipc.ts';
import { invokeFrom, record, resetElectron } from './electron-stub.ts';

const ORIGIN = 'skerry-app://ui';
const own = { id: 'own page' };
const frame = { url: `${ORIGIN}/index.html#/peers`, parent: null };

function serve() {
  return handleIpc(
    'skerry:echo',
    z.string().max(5),
    { origin: ORIGIN, owns: (contents) => (contents as unknown) === own },
    (text) => `${text}!`,
  );
}

beforeEach(resetElectron);

describe('ipc', () => {
  test('ipc - the app’s own page is answered', async () => {
    serve();
    expect(await invokeFrom(own, frame, 'skerry:echo', 'hi')).toBe('hi!');
  });

  test.each([
    ['another window', { id: 'other' }, frame],
    ['a frame within the page', own, { url: `${ORIGIN}/index.html`, parent: frame }],
    ['another scheme', own, { url: 'https://ui/index.html', parent: null }],
    [
      'another host of the scheme',
      own,
      { url: 'skerry-app://passphrase/index.html', parent: null },
    ],
    ['a host that starts alike', own, { url: 'skerry-app://ui.evil/index.html', parent: null }],
    ['a file', own, { url: 'file:///tmp/ui', parent: null }],
    ['a blank page', own, { url: 'about:blank', parent: null }],
    ['a page without address', own, { url: '', parent: null }],
    ['a page that has gone', own, null],
  ])('ipc - %s is refused with an error', async (_who, sender, senderFrame) => {
    serve();
    await expect(invokeFrom(sender, senderFrame, 'skerry:echo', 'hi')).rejects.toThrow(
      /DesktopError: The message skerry:echo from .+ was refused/,
    );
  });

  test.each([[[]], [['too long']], [[7]], [[{}]], [['hi', 'there']], [[null]]])(
    'ipc - the payload %j is refused with an error',
    async (params) => {
      serve();
      await expect(invokeFrom(own, frame, 'skerry:echo', ...params)).rejects.toThrow(
        'The message skerry:echo is not of its form.',
      );
    },
  );

  test('ipc - a handler can be taken back', () => {
    const stop = serve();
    stop();
    expect(record.handlers.size).toBe(0);
  });
});
