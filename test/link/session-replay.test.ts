import { describe, expect, it } from 'vitest';
import {
  createSide,
  createWorld,
  edit,
  invite,
  MINUTE,
  refusalOf,
  replyOf,
  SECOND,
  START,
} from './session-support.ts';

describe('session replay', () => {
  it('the same dial within 10 s gets the same answer and no second session', () => {
    const { dial, answer, pass } = createWorld();
    const pending = dial();
    const first = answer(pending);
    pass(9 * SECOND);
    const second = answer(pending);
    expect(second.reply).toEqual(first.reply);
    expect(second.session).toBeUndefined();
    expect(pending.complete(replyOf(second)).id).toBe(first.session?.id);
  });

  it('after that it is met with silence for 5 minutes, then refused by its clock', () => {
    const { dial, answer, pass, dialler, acceptor } = createWorld();
    dialler.clock += 80 * SECOND;
    const pending = dial();
    expect(answer(pending).session).toBeDefined();
    pass(11 * SECOND);
    expect(answer(pending)).toEqual({ reply: null });
    acceptor.clock = START + 5 * MINUTE - 1;
    expect(answer(pending)).toEqual({ reply: null });
    acceptor.clock = START + 5 * MINUTE;
    expect(refusalOf(pending, answer(pending)).code).toBe('refused-clock-skew');
  });

  it('does not count as a dial of its maker', () => {
    const { dial, answer, pass } = createWorld();
    const pending = dial();
    answer(pending);
    pass(11 * SECOND);
    for (let count = 0; count < 50; count += 1) answer(pending);
    expect(answer(dial()).session).toBeDefined();
  });

  it('of a captured nonce under another key does not burn it for its owner', () => {
    const { dial, answer, dialler } = createWorld();
    const pending = dial();
    const thief = createSide();
    answer({ bytes: edit(pending.bytes, { from: thief.signer.key }, thief.signer) });
    expect(answer(pending).session?.peer).toBe(dialler.signer.key);
  });

  it('of a nonce in another dial of the same key is met with silence', () => {
    const { dial, answer, dialler } = createWorld();
    const pending = dial();
    answer(pending);
    const bytes = edit(pending.bytes, { name: 'Other' }, dialler.signer);
    expect(answer({ bytes }).reply).toBeNull();
  });

  it('of a dial that an invite admitted opens no session for the contact it made', () => {
    const world = createWorld({ strangers: true });
    invite(world, world.dialler);
    const pending = world.dial();
    expect(world.answer(pending).session).toBeDefined();
    world.pass(11 * SECOND);
    expect(world.answer(pending)).toEqual({ reply: null });
  });
});
