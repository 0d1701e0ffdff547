import { afterEach, describe, expect, it } from 'vitest';
import { startNatsServer, type NatsServer } from '../support/nats-server.ts';
import {
  dialled,
  introduce,
  natsWay,
  received,
  startNatsPeer,
  text,
  until,
  type NatsPeer,
} from './nats-support.ts';

/** Two users with their permissions, and addresses to log in as them. */
const users = (bob: string, ada: string): string =>
  `authorization { users: [
    { user: bob, password: x, permissions: ${bob} }
    { user: ada, password: x, permissions: ${ada} }
  ] }`;

const PREFIX_ONLY = '{ publish: "skerry.>", subscribe: "skerry.>" }';
const USUAL =
  '{ publish: ["skerry.>", "_INBOX.>"], subscribe: ["skerry.>", "$SRV.>", "_INBOX.>"] }';

describe('nats permissions', () => {
  const things: AsyncDisposable[] = [];
  afterEach(async () => {
    for (const thing of things.splice(0).reverse()) await thing[Symbol.asyncDispose]();
  });

  async function pair(
    config: string,
  ): Promise<{ server: NatsServer; bob: NatsPeer; ada: NatsPeer }> {
    const server = await startNatsServer(config);
    things.push(server);
    const as = (user: string) => [
      { server: server.url.replace('//', `//${user}:x@`), prefix: 'skerry' },
    ];
    const [bob, ada] = [
      await startNatsPeer('Bob', as('bob')),
      await startNatsPeer('Ada', as('ada')),
    ];
    things.push(bob, ada);
    introduce(bob, ada);
    return { server, bob, ada };
  }

  it.each([
    ['the prefix, $SRV and _INBOX', USUAL],
    ['the prefix alone', PREFIX_ONLY],
  ])('%s are enough for a session', async (_what, permissions) => {
    const { server, bob, ada } = await pair(users(permissions, permissions));
    const { conn } = await dialled(bob, ada.signer.key, natsWay(server.url));
    const accepted = await until(() => ada.accepted[0]?.conn, 'the session');
    const [there, back] = [received(accepted), received(conn)];
    // In this order, as in QUIC: what comes from the dialler says that it is subscribed.
    conn.send(text('to Ada'));
    await until(() => there.length > 0, 'the first datagram');
    accepted.send(text('to Bob'));
    await until(() => back.length > 0, 'the second datagram');
    expect([there, back]).toEqual([['to Ada'], ['to Bob']]);
    const denied = permissions === PREFIX_ONLY ? 'nats-discovery' : undefined;
    expect(ada.deployments.status()[0]?.error?.code).toBe(denied);
  });

  it('a dial that may not be published is an unusable way, and says which subject', async () => {
    const { server, bob, ada } = await pair(users('{ publish: "other.>", subscribe: ">" }', USUAL));
    const subject = `skerry.dial.${ada.signer.key}`;
    const way = natsWay(server.url);
    const dial = bob.source.dial(ada.signer.key, way, AbortSignal.timeout(5000));
    await expect(dial).rejects.toMatchObject({
      code: 'way-unusable',
      message: `${server.url} does not allow publish of ${subject}.`,
    });
  });

  it('a reply inbox that is denied is an unusable way', async () => {
    const { server, bob, ada } = await pair(users('{ publish: ">", subscribe: "other" }', USUAL));
    const way = natsWay(server.url);
    const dial = bob.source.dial(ada.signer.key, way, AbortSignal.timeout(5000));
    await expect(dial).rejects.toMatchObject({ code: 'way-unusable' });
  });

  it.each([
    ['publish', '{ publish: "skerry.dial.>", subscribe: "skerry.>" }'],
    ['subscribe', '{ publish: "skerry.>", subscribe: ["skerry.r.>", "skerry.dial.>"] }'],
  ])('a conn whose subjects are denied dies with a reason (%s)', async (verb, permissions) => {
    const { server, bob, ada } = await pair(users(permissions, USUAL));
    const { conn } = await dialled(bob, ada.signer.key, natsWay(server.url));
    const reason = new Promise<Error>((resolve) => (conn.onDead = resolve));
    conn.send(text('denied'));
    expect((await reason).message).toMatch(
      new RegExp(`does not let this peer ${verb} .*skerry\\.s\\.>`),
    );
  });

  it('a smaller max_payload makes smaller datagrams', async () => {
    const { server, bob, ada } = await pair(`max_payload: 4096\n${users(USUAL, USUAL)}`);
    const { conn } = await dialled(bob, ada.signer.key, natsWay(server.url));
    const accepted = await until(() => ada.accepted[0]?.conn, 'the session');
    expect([conn.maxDatagram, accepted.maxDatagram]).toEqual([4096, 4096]);
    const there = received(accepted);
    conn.send(new Uint8Array(4096).fill(97));
    await until(() => there.length > 0, 'the datagram');
    expect(there[0]).toHaveLength(4096);
  });

  it('a conn dies when its server comes back with a max_payload below its datagrams', async () => {
    const { server, bob, ada } = await pair(users(USUAL, USUAL));
    const { conn } = await dialled(bob, ada.signer.key, natsWay(server.url));
    const reason = new Promise<Error>((resolve) => (conn.onDead = resolve));
    await server.start(`max_payload: 4096\n${users(USUAL, USUAL)}`);
    expect((await reason).message).toContain('smaller messages');
  });
});
