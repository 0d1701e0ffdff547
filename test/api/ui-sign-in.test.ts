import { describe, expect, test } from 'vitest';
import { ask, exchange, signIn, startUi, tokenOf } from './support/ui.ts';

const MINUTE = 60_000;

describe('ui sign-in', () => {
  test('an address carries 32 random bytes after the # and nowhere else', async () => {
    const ui = await startUi();
    const address = new URL(ui.mintUrl());
    expect(address.hash).toMatch(/^#token=[\w-]{43}$/);
    expect(`${address.origin}${address.pathname}${address.search}`).toBe(ui.url);
    expect(ui.mintUrl()).not.toBe(address.href);
  });

  test('a token is good for one exchange', async () => {
    const ui = await startUi();
    const token = tokenOf(ui.mintUrl());
    const first = await exchange(ui, token);
    expect(first.status).toBe(204);
    expect(first.headers['set-cookie']).toEqual([
      expect.stringMatching(
        new RegExp(`^skerry-${ui.port}=[\\w-]{43}; HttpOnly; SameSite=Strict; Path=/$`),
      ),
    ]);
    const second = await exchange(ui, token);
    expect(second.status).toBe(401);
    expect(second.headers['set-cookie']).toBeUndefined();
    expect(second.text).toContain('get a new one');
  });

  test('the cookie works again and again, other cookies do not', async () => {
    const ui = await startUi();
    const cookie = await signIn(ui);
    const ask204 = (Cookie: string) => ask(ui, { path: '/session', headers: { Cookie } });
    for (let i = 0; i < 3; i += 1) {
      expect((await ask204(`theme=dark; ${cookie}; x=1`)).status).toBe(204);
    }
    for (const wrong of ['', `${cookie}x`, cookie.slice(0, -1), `x${cookie}`, 'skerry-1=a']) {
      expect((await ask204(wrong)).status).toBe(401);
    }
    const none = await ask(ui, { path: '/session' });
    expect({ status: none.status, text: none.text }).toMatchObject({
      status: 401,
      text: expect.stringContaining('Sign in') as string,
    });
  });

  test('a token expires after ten minutes, a session does not', async () => {
    let now = 1_000_000;
    const ui = await startUi({ now: () => now });
    const early = tokenOf(ui.mintUrl());
    const late = tokenOf(ui.mintUrl());
    now += 10 * MINUTE - 1;
    const answer = await exchange(ui, early);
    expect(answer.status).toBe(204);
    now += 1;
    expect((await exchange(ui, late)).status).toBe(401);
    now += 1000 * MINUTE;
    const Cookie = answer.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    expect((await ask(ui, { path: '/session', headers: { Cookie } })).status).toBe(204);
  });

  test('only the newest tokens and the sessions used last are kept', async () => {
    const ui = await startUi();
    const oldest = tokenOf(ui.mintUrl());
    const newer = Array.from({ length: 16 }, () => tokenOf(ui.mintUrl()));
    expect((await exchange(ui, oldest)).status).toBe(401);
    expect((await exchange(ui, newer[0] ?? '')).status).toBe(204);

    const used = await signIn(ui);
    const unused = await signIn(ui);
    const stateOf = async (Cookie: string) =>
      (await ask(ui, { path: '/session', headers: { Cookie } })).status;
    for (let i = 0; i < 62; i += 1) await signIn(ui);
    expect(await stateOf(used)).toBe(204);
    await signIn(ui);
    expect({ used: await stateOf(used), unused: await stateOf(unused) }).toEqual({
      used: 204,
      unused: 401,
    });
  });

  test('two servers on one machine do not sign each other out, nor in', async () => {
    const [one, two] = [await startUi(), await startUi()];
    const [first, second] = [await signIn(one), await signIn(two)];
    const both = { Cookie: `${first}; ${second}` };
    expect((await ask(one, { path: '/session', headers: both })).status).toBe(204);
    expect((await ask(two, { path: '/session', headers: both })).status).toBe(204);
    const swapped = second.replace(String(two.port), String(one.port));
    expect((await ask(one, { path: '/session', headers: { Cookie: swapped } })).status).toBe(401);
    expect((await exchange(one, tokenOf(two.mintUrl()))).status).toBe(401);
  });

  test('many wrong tokens are answered with 429, a right one gets in all the same', async () => {
    let now = 1_000_000;
    const ui = await startUi({ now: () => now });
    const statuses: number[] = [];
    for (let i = 0; i < 12; i += 1) statuses.push((await exchange(ui, `guess-${i}`)).status);
    expect(statuses).toEqual([...Array<number>(10).fill(401), 429, 429]);
    expect((await exchange(ui, 'guess')).headers['retry-after']).toBe('60');
    expect((await exchange(ui, tokenOf(ui.mintUrl()))).status).toBe(204);
    now += MINUTE;
    expect((await exchange(ui, 'guess')).status).toBe(401);
  });

  test('a foreign page cannot make the exchange, and a refused one does not use the token up', async () => {
    const ui = await startUi();
    const token = tokenOf(ui.mintUrl());
    const refused: [number, Record<string, string>][] = [
      [403, { Origin: 'http://evil.example' }],
      [403, { Origin: 'null' }],
      [403, { Host: `evil.example:${ui.port}` }],
      [415, { 'Content-Type': 'text/plain' }],
      [415, { 'Content-Type': 'application/x-www-form-urlencoded' }],
    ];
    for (const [status, headers] of refused) {
      expect((await exchange(ui, token, headers)).status).toBe(status);
    }
    const own = { Origin: `http://localhost:${ui.port}`, Host: `localhost:${ui.port}` };
    expect((await exchange(ui, token, own)).status).toBe(204);
  });

  test('a body that is not a token is refused, a large one without keeping it', async () => {
    const ui = await startUi();
    const post = (body: string) =>
      ask(ui, {
        method: 'POST',
        path: '/session',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
    for (const body of ['', '{', 'null', '{}', '{"token":1}', '{"token":"a","x":1}']) {
      expect({ body, status: (await post(body)).status }).toEqual({ body, status: 400 });
    }
    expect((await post(JSON.stringify({ token: 'x'.repeat(2000) }))).status).toBe(413);
  });

  test('sessions end with the server', async () => {
    const first = await startUi();
    const cookie = await signIn(first);
    await first.close();
    const again = await startUi();
    const renamed = cookie.replace(String(first.port), String(again.port));
    expect((await ask(again, { path: '/session', headers: { Cookie: renamed } })).status).toBe(401);
  });
});
