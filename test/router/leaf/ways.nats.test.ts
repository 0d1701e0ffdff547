import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createUser } from 'nkeys.js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestAuthority } from '../support/certificates.ts';
import { createTrust, userJwt } from '../support/jwt.ts';
import { bothRoles, Couple, LEAF_LISTENER, type Side } from './sides.ts';
import { reaches } from './support.ts';

const remote = (url: string, more = '') =>
  `leafnodes { reconnect: 1, remotes: [ { url: "${url}"${more} } ] }`;

let authority: TestAuthority;
let folder: string;
let certificate: Awaited<ReturnType<TestAuthority['issue']>>;
beforeAll(async () => {
  authority = await TestAuthority.create();
  certificate = await authority.issue();
  folder = await mkdtemp(join(tmpdir(), 'skerry-creds-'));
});
afterAll(async () => {
  await authority[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

/** Both ask each other, each in its own account where there are any. */
async function talk(couple: Couple, hubUser?: string, leafUser?: string): Promise<void> {
  const up = await couple.atHub(hubUser === undefined ? {} : { user: hubUser, pass: 'x' });
  const down = await couple.atLeaf(leafUser === undefined ? {} : { user: leafUser, pass: 'x' });
  try {
    await Promise.all([reaches(up, down), reaches(down, up)]);
  } catch (error) {
    throw new Error(`${String(error)}\nhub: ${couple.hub.log()}\nleaf: ${couple.leaf.log()}`, {
      cause: error,
    });
  }
}

describe.each(bothRoles)('ways to a hub - $leaf at $hub', (kinds) => {
  it('TLS, with a certificate on both sides', async () => {
    const tls = (verify: boolean) => `tls {
      cert_file: "${certificate.certFile}", key_file: "${certificate.keyFile}", ca_file: "${authority.caFile}"
      ${verify ? 'verify: true' : ''} }`;
    await using couple = await Couple.start(
      kinds,
      `leafnodes { listen: "127.0.0.1:-1", ${tls(true)} }`,
      ({ leafPort }) => remote(`tls://127.0.0.1:${String(leafPort)}`, `, ${tls(false)}`),
    );
    await talk(couple);
  });

  it('TLS without a certificate that is known is refused', async () => {
    const { certFile, keyFile } = certificate;
    await using couple = await Couple.start(
      kinds,
      `leafnodes { listen: "127.0.0.1:-1", tls { cert_file: "${certFile}", key_file: "${keyFile}" } }`,
      ({ leafPort }) => remote(`nats-leaf://127.0.0.1:${String(leafPort)}`),
    );
    await couple.logged('leaf', /certificate|x509/);
    expect(couple.hub.log()).not.toContain('JetStream');
  });

  it.each([
    { name: 'plain', options: '' },
    { name: 'compressed', options: ', ws_compression: true' },
    { name: 'without masks, where the hub agrees', options: ', ws_no_masking: true' },
  ])('WebSocket, $name', async ({ options }) => {
    await using couple = await Couple.start(
      kinds,
      `${LEAF_LISTENER}\nwebsocket { listen: "127.0.0.1:-1", no_tls: true, compression: true }`,
      ({ websocketPort }) => remote(`ws://127.0.0.1:${String(websocketPort)}`, options),
    );
    await talk(couple);
  });

  it('WebSocket over TLS', async () => {
    const { certFile, keyFile } = certificate;
    await using couple = await Couple.start(
      kinds,
      `${LEAF_LISTENER}\nwebsocket { listen: "127.0.0.1:-1", tls { cert_file: "${certFile}", key_file: "${keyFile}" } }`,
      ({ websocketPort }) =>
        remote(
          `wss://127.0.0.1:${String(websocketPort)}`,
          `, tls { ca_file: "${authority.caFile}" }`,
        ),
    );
    await talk(couple);
  });

  it('users of leaf nodes, each in its account', async () => {
    const accounts = `accounts {
      A { users: [ { user: a, password: x } ] }, B { users: [ { user: b, password: x } ] } }`;
    await using couple = await Couple.start(
      kinds,
      `${accounts}\nleafnodes { listen: "127.0.0.1:-1", authorization { users: [
        { user: la, password: "y/z", account: A }, { user: lb, password: y, account: B } ] } }`,
      ({ leafPort }) => `${accounts}\nleafnodes { reconnect: 1, remotes: [
        { url: "nats-leaf://la:y%2Fz@127.0.0.1:${String(leafPort)}", account: B },
        { url: "nats-leaf://lb:y@127.0.0.1:${String(leafPort)}", account: A } ] }`,
    );
    await Promise.all([talk(couple, 'a', 'b'), talk(couple, 'b', 'a')]);
    const [up, down] = [
      await couple.atHub({ user: 'a', pass: 'x' }),
      await couple.atLeaf({ user: 'a', pass: 'x' }),
    ];
    up.subscribe('own', { callback: () => undefined });
    await up.flush();
    await expect(down.request('own')).rejects.toMatchObject({ code: '503' });
  });

  it('a wrong password is refused', async () => {
    await using couple = await Couple.start(
      kinds,
      'leafnodes { listen: "127.0.0.1:-1", authorization { user: leaf, password: right } }',
      ({ leafPort }) => remote(`nats-leaf://leaf:wrong@127.0.0.1:${String(leafPort)}`),
    );
    await couple.logged('leaf', /Leafnode Error 'Authorization Violation'/);
    expect(couple.leaf.log() + couple.hub.log()).not.toContain('wrong@');
  });

  it('credentials of an operator', async () => {
    const trust = createTrust();
    const [account, system] = [trust.owner.getPublicKey(), trust.system.getPublicKey()];
    const user = createUser();
    const creds = join(folder, `${kinds.hub}.creds`);
    await writeFile(
      creds,
      `-----BEGIN NATS USER JWT-----\n${userJwt(trust.owner, user)}\n------END NATS USER JWT------\n
************************* IMPORTANT *************************\n
-----BEGIN USER NKEY SEED-----\n${new TextDecoder().decode(user.getSeed())}\n------END USER NKEY SEED------\n`,
    );
    const jwts = `operator: ${trust.jwts.operator}\nsystem_account: ${system}
      resolver: MEMORY\nresolver_preload { ${account}: ${trust.jwts.owner}, ${system}: ${trust.jwts.system} }`;
    await using couple = await Couple.start(kinds, `${jwts}\n${LEAF_LISTENER}`, ({ leafPort }) =>
      remote(`nats-leaf://127.0.0.1:${String(leafPort)}`, `, credentials: "${creds}"`),
    );
    const client = createUser();
    const jwt = userJwt(trust.owner, client);
    const { jwtAuthenticator } = await import('nats');
    const up = await couple.atHub({ authenticator: jwtAuthenticator(jwt, client.getSeed()) });
    const down = await couple.atLeaf();
    await Promise.all([reaches(up, down), reaches(down, up)]);
  });
});

describe('ways to a hub - router at nats-server', () => {
  it('the NKey of a client user (nats-server dials with one since 2.10)', async () => {
    const user = createUser();
    const seed = new TextDecoder().decode(user.getSeed());
    await using couple = await Couple.start(
      { hub: 'nats-server', leaf: 'router' },
      `accounts { A { users: [ { nkey: ${user.getPublicKey()} }, { user: a, password: x } ] } }\n${LEAF_LISTENER}`,
      ({ leafPort }) => remote(`nats-leaf://127.0.0.1:${String(leafPort)}`, `, nkey: ${seed}`),
    );
    await talk(couple, 'a');
  });
});

describe('wrong ports', () => {
  it.each(bothRoles)(
    '$leaf says that it has come to the port for clients of $hub',
    async (kinds) => {
      await using couple = await Couple.start(kinds, '', ({ port }: Side) =>
        remote(`nats-leaf://127.0.0.1:${String(port)}`),
      );
      await couple.logged('leaf', /attempted to connect to wrong port/);
      expect(couple.leaf.log()).toContain('Incorrect Port');
    },
  );
});
