import { headers } from 'nats';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bothRoles, Couple } from './sides.ts';
import { clientOf, collected, nobodyAnswers, reaches, until } from './support.ts';

describe.each(bothRoles)('leaf nodes - $leaf at $hub', (kinds) => {
  let couple: Couple;
  beforeAll(async () => {
    couple = await Couple.start(kinds);
  });
  afterAll(async () => {
    await couple[Symbol.asyncDispose]();
  });

  it('carries messages both ways, once, with wildcards', async () => {
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    const atHub = collected(up.subscribe('to.hub.*'));
    const alsoAtHub = collected(up.subscribe('to.>'));
    const atLeaf = collected(down.subscribe('to.leaf.>'));
    await Promise.all([reaches(up, down), reaches(down, up)]);
    down.publish('to.hub.x', 'one');
    up.publish('to.leaf.a.b', 'two');
    await Promise.all([up.flush(), down.flush()]);
    await until('all of them', () => atHub.length + alsoAtHub.length + atLeaf.length === 4);
    expect(atHub).toEqual(['one']);
    expect(alsoAtHub.toSorted()).toEqual(['one', 'two']);
    expect(atLeaf).toEqual(['two']);
  });

  it('answers requests, and says when nobody does', async () => {
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    up.subscribe('ask.hub', { callback: (_error, message) => message.respond('from the hub') });
    down.subscribe('ask.leaf', { callback: (_error, message) => message.respond('from the leaf') });
    await Promise.all([reaches(up, down), reaches(down, up)]);
    expect((await down.request('ask.hub')).string()).toBe('from the hub');
    expect((await up.request('ask.leaf')).string()).toBe('from the leaf');
    await expect(down.request('ask.nobody')).rejects.toMatchObject({ code: '503' });
    await expect(up.request('ask.nobody')).rejects.toMatchObject({ code: '503' });
  });

  it('carries headers and replies', async () => {
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    for (const [from, to] of [
      [up, down],
      [down, up],
    ] as const) {
      const subscription = to.subscribe('with.headers', { max: 1 });
      await reaches(to, from);
      const given = headers();
      given.append('Kind', 'of a sort');
      given.append('Kind', 'and more');
      from.publish('with.headers', 'body', { headers: given, reply: 'answer.here' });
      for await (const message of subscription) {
        expect(message.headers?.values('Kind')).toEqual(['of a sort', 'and more']);
        expect(message.string()).toBe('body');
        expect(message.reply).toBe('answer.here');
      }
      await reaches(to, from);
    }
  });

  it('gives each message to one of a queue group, on this side if somebody is here', async () => {
    const [up, down, other] = [await couple.atHub(), await couple.atLeaf(), await couple.atLeaf()];
    const far = [
      collected(down.subscribe('work', { queue: 'group' })),
      collected(other.subscribe('work', { queue: 'group' })),
    ];
    const audit = collected(down.subscribe('work'));
    await Promise.all([reaches(down, up), reaches(other, up)]);
    for (let i = 0; i < 200; i++) up.publish('work', String(i));
    await until('all work', () => (far[0]?.length ?? 0) + (far[1]?.length ?? 0) === 200);
    expect(far[0]?.length).toBeGreaterThan(50);
    expect(far[1]?.length).toBeGreaterThan(50);
    await until('the audit', () => audit.length === 200);

    const near = collected(up.subscribe('work', { queue: 'group' }));
    await up.flush();
    for (let i = 0; i < 100; i++) up.publish('work', String(i));
    await until('the audit of these too', () => audit.length === 300);
    expect(near.length).toBe(100);
    expect((far[0]?.length ?? 0) + (far[1]?.length ?? 0)).toBe(200);
  });

  it('stops when nobody is interested any more', async () => {
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    const callback = (): void => undefined;
    const first = down.subscribe('comes.and.goes', { callback });
    const second = down.subscribe('comes.and.goes', { callback, max: 2 });
    await reaches(down, up);
    first.unsubscribe();
    await down.flush();
    await up.request('comes.and.goes', undefined, { timeout: 100 }).catch(() => undefined);
    await expect(up.request('comes.and.goes', undefined, { timeout: 100 })).rejects.toMatchObject({
      code: 'TIMEOUT',
    });
    await second.closed;
    await nobodyAnswers(up, 'comes.and.goes');
    expect(second.getProcessed()).toBe(2);
  });

  it('loses none of 100,000 messages, in order', async () => {
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    const COUNT = 50_000;
    let last = 0;
    let wrong = 0;
    const follow = (subject: string) => ({
      subject,
      callback: (_error: unknown, message: { data: Uint8Array }) => {
        const number = Buffer.from(message.data).readUInt32LE(0);
        if (number !== last + 1) wrong++;
        last = number;
      },
    });
    for (const [from, to] of [
      [up, down],
      [down, up],
    ] as const) {
      last = 0;
      const { subject, callback } = follow('many');
      const subscription = to.subscribe(subject, { callback });
      await reaches(to, from);
      for (let number = 1; number <= COUNT; number++) {
        const data = Buffer.alloc(32);
        data.writeUInt32LE(number, 0);
        from.publish('many', data);
        if (number % 5_000 === 0) await from.flush();
      }
      await until('the last one', () => last === COUNT);
      subscription.unsubscribe();
    }
    expect(wrong).toBe(0);
  });

  it('takes a message as large as clients may send', async () => {
    const [up, down] = [await couple.atHub(), await couple.atLeaf()];
    const large = Buffer.alloc(1_048_576, 'x');
    for (const [from, to] of [
      [up, down],
      [down, up],
    ] as const) {
      const subscription = to.subscribe('large', { max: 1 });
      await reaches(to, from);
      from.publish('large', large);
      for await (const message of subscription) expect(message.data.length).toBe(large.length);
    }
  });

  it('does not let the interest of a client that is gone stay', async () => {
    const up = await couple.atHub();
    const gone = await clientOf(couple.leaf.port);
    for (let i = 0; i < 100; i++) gone.subscribe(`gone.${String(i)}`);
    await reaches(gone, up);
    await gone.close();
    await nobodyAnswers(up, 'gone.99');
  });
});
