/** A source that answers what a test tells it to: a share that only exists on the wire. */
import type { Stream } from '../../../main/link/types.ts';
import { decodeCbor, encodeCbor } from '../../../main/base/cbor.ts';
import { FrameReader } from '../../../main/share/frame-reader.ts';
import {
  encodeEntry,
  encodePage,
  pageHash,
  signRoot,
  type ManifestEntry,
} from '../../../main/share/manifest.ts';
import { FrameKind, Request, SHARE_PROTOCOL, writeFrameHeader } from '../../../main/share/wire.ts';
import type { TestPeer } from './peers.ts';

export function frame(kind: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(5 + payload.length);
  writeFrameHeader(bytes, kind, payload.length);
  bytes.set(payload, 5);
  return bytes;
}

export const bytesFrame = (payload: Uint8Array): Buffer => frame(FrameKind.bytes, payload);
export const errorFrame = (code: string): Buffer => frame(FrameKind.error, encodeCbor(code));

export interface ScriptedShare {
  readonly id: string;
  readonly root: Uint8Array;
  readonly pages: readonly Uint8Array[];
}

/** A signed manifest of any entries, right or wrong; `change` overrides what the root declares. */
export function scriptedShare(
  peer: TestPeer,
  entries: readonly ManifestEntry[],
  change: Record<string, unknown> = {},
): ScriptedShare {
  const page = encodePage(entries.map(encodeEntry));
  const files = entries.filter((entry) => entry.kind === 'file');
  const root = signRoot(
    {
      share: 'scripted',
      name: 'scripted',
      description: '',
      kind: 'folder',
      revision: 1,
      files: files.length,
      bytes: files.reduce((sum, entry) => sum + entry.size, 0),
      entries: entries.length,
      pages: Buffer.from(entries.length === 0 ? [] : pageHash(page)),
      ...change,
    },
    peer.signer,
  );
  return { id: 'scripted', root, pages: [page] };
}

export function fileEntry(
  path: string,
  content: { size: number; id: Uint8Array } = { size: 1, id: Buffer.alloc(32) },
): ManifestEntry {
  return {
    kind: 'file',
    path,
    modifiedAt: 1_700_000_000_000,
    executable: false,
    mediaType: 'text/plain',
    ...content,
  };
}

/** Has `peer` answer by script from now on. `answer` may give other frames than the usual ones. */
export function script(
  peer: TestPeer,
  share: ScriptedShare,
  answer: (
    request: Request,
    stream: Stream,
  ) => Promise<Buffer | undefined> | Buffer | undefined = () => undefined,
): Request[] {
  const requests: Request[] = [];
  peer.links.handle(SHARE_PROTOCOL, async (stream) => {
    const reader = new FrameReader(stream);
    for (let head = await reader.next(); head !== undefined; head = await reader.next()) {
      const request = Request.parse(decodeCbor(await reader.payload(head, 16_384), 16_384));
      requests.push(request);
      const said = await answer(request, stream);
      await stream.write(said ?? usual(request, share));
    }
  });
  // So that the other side asks for offers.
  for (const { peer: other } of peer.links.list()) peer.links.announce(other, 'shares', {});
  return requests;
}

function usual(request: Request, share: ScriptedShare): Buffer {
  switch (request.do) {
    case 'offers':
      return frame(
        FrameKind.message,
        encodeCbor([
          {
            id: share.id,
            name: 'scripted',
            kind: 'folder',
            state: 'ready',
            files: 1,
            bytes: 1,
            hashedBytes: 1,
          },
        ]),
      );
    case 'manifest':
      return bytesFrame(share.root);
    case 'page':
      return bytesFrame(share.pages[request.index] ?? Buffer.alloc(0));
    case 'list':
    case 'read':
      return errorFrame('internal');
  }
}
