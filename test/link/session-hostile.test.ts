import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../main/base/cbor.ts';
import type { Dial } from '../../main/link/session/messages.ts';
import {
  createSigner,
  createWorld,
  edit,
  invite,
  parse,
  replyOf,
  SECOND,
  SMALL_LIMITS,
} from './session-support.ts';

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const changed = bytes.slice();
  changed[bit >> 3] = (changed[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return changed;
}

describe('session, hostile bytes', () => {
  it('a dial with any bit changed opens no session', () => {
    const { dial, admission } = createWorld();
    const { bytes } = dial();
    fc.assert(
      fc.property(fc.nat(bytes.length * 8 - 1), (bit) => {
        expect(admission.answer(flip(bytes, bit), null).session).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });

  it.each(['v', 'from', 'to', 'eph', 'nonce', 'ts', 'name', 'caps', 'invite', 'sig'] as const)(
    'a dial whose %s was changed or left out after signing is met with silence',
    (field) => {
      const world = createWorld();
      invite(world, world.dialler);
      const { bytes } = world.dial();
      const values: Partial<Record<keyof Dial, unknown>> = {
        v: 1.5,
        from: createSigner().key,
        to: createSigner().key,
        ts: world.dialler.clock + 1,
        caps: ['x'],
      };
      const other = parse(world.dial({ name: 'Mallory' }).bytes);
      const changed = edit(bytes, { [field]: values[field] ?? other[field] });
      const without = Object.entries(parse(bytes)).filter(([name]) => name !== field);
      expect(world.answer({ bytes: changed }).reply).toBeNull();
      expect(world.answer({ bytes: encodeCbor(Object.fromEntries(without)) }).reply).toBeNull();
    },
  );

  it('an answer with any bit changed, or to another dial, is no answer', () => {
    const { dial, answer } = createWorld();
    const pending = dial();
    const reply = replyOf(answer(pending));
    fc.assert(
      fc.property(fc.nat(reply.length * 8 - 1), (bit) => {
        expect(() => pending.complete(flip(reply, bit))).toThrow('did not sign');
      }),
      { numRuns: 150 },
    );
    expect(() => dial().complete(reply)).toThrow('did not sign');
    expect(pending.complete(reply).role).toBe('dialler');
  });

  it('an edited refusal is no answer', () => {
    const { dial, answer } = createWorld({ strangers: true });
    const pending = dial();
    const refusal = parse(replyOf(answer(pending)));
    const forged = encodeCbor({ ...refusal, refusal: 'blocked' });
    expect(() => pending.complete(forged)).toThrow('did not sign');
  });

  it('arbitrary bytes are met with silence and never throw', () => {
    const { admission, dial } = createWorld();
    const pending = dial();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 1200 }), (bytes) => {
        expect(admission.answer(bytes, null)).toEqual({ reply: null });
        expect(() => pending.complete(bytes)).toThrow('did not sign');
      }),
    );
  });

  it('CBOR in any other than its one deterministic form, or with more in it, is met with silence', () => {
    const { dial, admission, dialler } = createWorld();
    const { bytes } = dial();
    const wideHead = Buffer.concat([Buffer.of(0xb8, (bytes[0] ?? 0) & 31), bytes.subarray(1)]);
    expect(admission.answer(wideHead, null).reply).toBeNull();
    expect(admission.answer(Buffer.concat([bytes, Buffer.of(0)]), null).reply).toBeNull();
    const more = edit(bytes, { more: 1 }, dialler.signer);
    expect(admission.answer(more, null).reply).toBeNull();
    expect(admission.answer(bytes, null).session).toBeDefined();
  });

  it('an ephemeral key of small order opens no session', () => {
    const { dial, answer, dialler } = createWorld();
    const bytes = edit(dial().bytes, { eph: new Uint8Array(32) }, dialler.signer);
    expect(answer({ bytes })).toEqual({ reply: null });
  });

  it('signatures are checked at a bounded rate', () => {
    const limits = { ...SMALL_LIMITS, verificationsPerSecond: 20 };
    const { dial, answer, acceptor } = createWorld({ limits });
    const { bytes } = dial();
    for (let count = 0; count < 20; count += 1) {
      answer({ bytes: edit(bytes, { nonce: new Uint8Array(randomBytes(32)) }) });
    }
    expect(answer({ bytes }).reply).toBeNull();
    acceptor.clock += SECOND;
    expect(answer({ bytes }).session).toBeDefined();
  });
});
