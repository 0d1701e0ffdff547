import { describe, expect, it } from 'vitest';
import {
  createSide,
  createWorld,
  edit,
  invite,
  parse,
  refusalOf,
  replyOf,
} from './session-support.ts';

describe('session', () => {
  it('both sides get the same id and tag, and each the name of the other', () => {
    const { dial, answer, dialler, acceptor } = createWorld();
    const pending = dial();
    const accepted = answer(pending);
    const session = pending.complete(replyOf(accepted));
    expect(session).toMatchObject({
      peer: acceptor.signer.key,
      peerName: 'Ada',
      role: 'dialler',
      id: accepted.session?.id,
      tag: accepted.session?.tag,
    });
    expect(accepted.session).toMatchObject({
      peer: dialler.signer.key,
      peerName: 'Bob',
      role: 'acceptor',
    });
    expect(session.id).toMatch(/^[a-z2-7]{26}$/);
    expect(session.tag).toHaveLength(8);
  });

  it('no two sessions have the same id or tag', () => {
    const { dial, answer } = createWorld();
    const [first, second] = [answer(dial()).session, answer(dial()).session];
    expect(first?.id).not.toBe(second?.id);
    expect(first?.tag).not.toEqual(second?.tag);
  });

  it('messages stay under 1,000 bytes with the longest names and an invite', () => {
    const world = createWorld({ strangers: true });
    invite(world, world.dialler);
    const pending = world.dial({ name: '語'.repeat(500) });
    const answered = world.answer(pending);
    expect(pending.bytes.length).toBeLessThan(1000);
    expect(replyOf(answered).length).toBeLessThan(1000);
    expect(answered.session?.peerName).toBe('語'.repeat(64));
  });

  it('names are cleaned by the receiver too, and a name of nothing becomes the start of the key', () => {
    const { dial, answer, dialler } = createWorld();
    const tricky = edit(dial().bytes, { name: '\u202Egnp.exe\u0000' }, dialler.signer);
    expect(answer({ bytes: tricky }).session?.peerName).toBe('gnp.exe');
    const empty = edit(dial().bytes, { name: '\u2066\u2069' }, dialler.signer);
    expect(answer({ bytes: empty }).session?.peerName).toBe(dialler.signer.key.slice(0, 8));
  });

  it('a contact we invited ourselves is welcome', () => {
    const { dial, answer, dialler, acceptor } = createWorld();
    acceptor.contacts.states.set(dialler.signer.key, 'invited');
    expect(answer(dial()).session).toBeDefined();
  });

  it('a dial that is over takes no answer any more', () => {
    const { dial, answer } = createWorld();
    const pending = dial();
    const reply = replyOf(answer(pending));
    pending.complete(reply);
    expect(() => pending.complete(reply)).toThrow('over already');
    const discarded = dial();
    discarded.discard();
    expect(() => discarded.complete(replyOf(answer(discarded)))).toThrow('over already');
  });
});

describe('session invites', () => {
  it('a valid invite opens a session and makes the dialler accepted', () => {
    const world = createWorld({ strangers: true });
    invite(world, world.dialler);
    const pending = world.dial();
    const answered = world.answer(pending);
    expect(pending.complete(replyOf(answered)).id).toBe(answered.session?.id);
    expect(world.acceptor.contacts.states.get(world.dialler.signer.key)).toBe('accepted');
    expect(world.acceptor.contacts.requests).toHaveLength(0);
  });

  it('works once: a second key with the same invite is a stranger', () => {
    const world = createWorld({ strangers: true });
    invite(world, world.dialler);
    const second = createSide();
    const received = world.dialler.contacts.receivedInvites.get(world.acceptor.signer.key);
    if (received) second.contacts.receivedInvites.set(world.acceptor.signer.key, received);
    expect(world.answer(world.dial()).session).toBeDefined();
    const pending = world.dial({ by: second });
    expect(refusalOf(pending, world.answer(pending)).code).toBe('refused-unknown-peer');
  });

  it('a proof taken from a captured dial is worth nothing in another one', () => {
    const world = createWorld({ strangers: true });
    invite(world, world.dialler);
    const captured = parse(world.dial().bytes);
    const thief = createSide();
    const own = world.dial({ by: thief });
    const bytes = edit(own.bytes, { invite: captured.invite }, thief.signer);
    expect(world.answer({ bytes }).session).toBeUndefined();
    expect(world.acceptor.contacts.openInvites.size).toBe(1);
  });
});
