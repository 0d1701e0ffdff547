import { describe, expect, it } from 'vitest';
import { encodeCbor } from '../../main/base/cbor.ts';
import {
  createSide,
  createSigner,
  createWorld,
  edit,
  invite,
  MINUTE,
  refusalOf,
  SECOND,
  SMALL_LIMITS,
  START,
} from './session-support.ts';

describe('session refusals', () => {
  it('a stranger is refused, and noted once an hour', () => {
    const world = createWorld({ strangers: true });
    const { requests } = world.acceptor.contacts;
    for (let minute = 0; minute < 61; minute += 1) {
      const pending = world.dial();
      expect(refusalOf(pending, world.answer(pending)).code).toBe('refused-unknown-peer');
      if (minute === 59) expect(requests).toHaveLength(1);
      world.pass(MINUTE);
    }
    expect(requests).toHaveLength(2);
    expect(requests[0]).toEqual({ key: world.dialler.signer.key, name: 'Bob', way: null });
  });

  it('the way of a stranger is passed on', () => {
    const { dial, admission, acceptor } = createWorld({ strangers: true });
    const way = { kind: 'udp', host: '192.0.2.1', port: 4711 } as const;
    admission.answer(dial().bytes, way);
    expect(acceptor.contacts.requests[0]?.way).toEqual(way);
  });

  it('a crowd of strangers is refused, but only so many of them in an hour are noted', () => {
    const world = createWorld({ strangers: true, limits: SMALL_LIMITS });
    const crowd = (): void => {
      for (let count = 0; count < 15; count += 1) {
        const by = createSide();
        by.clock = world.acceptor.clock;
        const pending = world.dial({ by });
        expect(refusalOf(pending, world.answer(pending)).code).toBe('refused-unknown-peer');
      }
    };
    crowd();
    expect(world.acceptor.contacts.requests).toHaveLength(10);
    world.pass(60 * MINUTE);
    crowd();
    expect(world.acceptor.contacts.requests).toHaveLength(20);
  });

  it('a blocked key hears what a stranger hears, is not noted, and uses no invite up', () => {
    const world = createWorld({ strangers: true });
    world.acceptor.contacts.states.set(world.dialler.signer.key, 'blocked');
    invite(world, world.dialler);
    const pending = world.dial();
    expect(refusalOf(pending, world.answer(pending)).code).toBe('refused-unknown-peer');
    expect(world.acceptor.contacts.requests).toHaveLength(0);
    expect(world.acceptor.contacts.openInvites.size).toBe(1);
  });

  it.each([
    ['behind', -91 * SECOND],
    ['ahead', 91 * SECOND],
  ])('a clock that is 91 s %s is refused with both clocks named', (_where, skew) => {
    const { dial, answer, dialler } = createWorld();
    dialler.clock += skew;
    const pending = dial();
    const refusal = refusalOf(pending, answer(pending));
    expect(refusal.code).toBe('refused-clock-skew');
    expect(refusal.message).toContain(new Date(START).toISOString());
    expect(refusal.message).toContain(new Date(START + skew).toISOString());
  });

  it.each([-90 * SECOND, 90 * SECOND])('a clock that is %d ms off is fine', (skew) => {
    const { dial, answer, dialler } = createWorld();
    dialler.clock += skew;
    expect(answer(dial()).session).toBeDefined();
  });

  it('dials of another version are told so, ten a second at most', () => {
    const { admission, acceptor, dialler } = createWorld();
    const replies = Array.from({ length: 20 }, (_, count) =>
      admission.answer(
        encodeCbor({ v: 2, from: dialler.signer.key, to: acceptor.signer.key, count }),
        null,
      ),
    );
    expect(replies.filter(({ reply }) => reply !== null)).toHaveLength(10);
  });

  it('a dial for another peer is met with silence', () => {
    const { dial, answer } = createWorld();
    expect(answer(dial({ to: createSigner().key })).reply).toBeNull();
  });

  it('a dial that another key signed is met with silence', () => {
    const { dial, answer } = createWorld();
    const bytes = edit(dial().bytes, {}, createSigner());
    expect(answer({ bytes }).reply).toBeNull();
  });

  it('more than ten dials a minute are refused as busy, then met with silence', () => {
    const { dial, answer, pass } = createWorld();
    const dials = Array.from({ length: 30 }, () => dial());
    const answers = dials.map(answer);
    expect(answers.slice(0, 10).every(({ session }) => session !== undefined)).toBe(true);
    for (const [index, pending] of dials.slice(10, 20).entries()) {
      expect(refusalOf(pending, answers[10 + index] ?? { reply: null }).code).toBe('refused-busy');
    }
    expect(answers.slice(20).every(({ reply }) => reply === null)).toBe(true);
    pass(MINUTE);
    expect(answer(dial()).session).toBeDefined();
  });

  it('strangers who use up what is remembered of strangers do not shut contacts out', () => {
    const world = createWorld({ limits: SMALL_LIMITS });
    const codes = Array.from({ length: 30 }, () => {
      const pending = world.dial({ by: createSide() });
      return refusalOf(pending, world.answer(pending)).code;
    });
    expect(new Set(codes.slice(0, 20))).toEqual(new Set(['refused-unknown-peer']));
    expect(new Set(codes.slice(20))).toEqual(new Set(['refused-busy']));
    expect(world.answer(world.dial()).session).toBeDefined();
  });

  it('contacts are busy, never replayed, when what is remembered of contacts is used up', () => {
    const limits = { ...SMALL_LIMITS, contacts: { nonces: 3, keys: 20, answers: 1 } };
    const world = createWorld({ limits });
    const first = world.dial();
    expect(world.answer(first).session).toBeDefined();
    world.answer(world.dial());
    world.answer(world.dial());
    const fourth = world.dial();
    expect(refusalOf(fourth, world.answer(fourth)).code).toBe('refused-busy');
    expect(world.answer(first)).toEqual({ reply: null });
    world.pass(5 * MINUTE);
    expect(world.answer(world.dial()).session).toBeDefined();
  });
});
