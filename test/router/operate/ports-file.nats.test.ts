import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { until } from '../leaf/support.ts';
import { startServer, type ServerKind } from '../support/router-process.ts';

const config = `
http: "0.0.0.0:-1"
websocket { listen: "127.0.0.1:-1", no_tls: true }
leafnodes { listen: "127.0.0.1:-1" }
`;

/** The URLs that a server writes, without what differs from run to run. */
async function portsOf(kind: ServerKind, host: string): Promise<Record<string, string[]>> {
  await using server = await startServer(kind, {
    config,
    args: ['-a', host, '--ports_file_dir', '.'],
  });
  const { folder } = server;
  const find = async (): Promise<string | undefined> =>
    (await readdir(folder)).find((name) => /^nats-server_\d+\.ports$/.test(name));
  await until('a ports file', async () => {
    const name = await find();
    return name !== undefined && (await readFile(join(folder, name), 'utf8')).endsWith('}');
  });
  const text = await readFile(join(folder, (await find()) ?? ''), 'utf8');
  const ports = JSON.parse(text) as Record<string, string[]>;
  return Object.fromEntries(
    Object.entries(ports).map(([name, urls]) => [
      name,
      urls.map((url) => url.replace(/:\d+$/, ':port')).toSorted(),
    ]),
  );
}

test.each(['0.0.0.0', '127.0.0.1', '::1'])(
  'ports file - names the addresses that nats-server names, listening on %s',
  async (host) => {
    const [theirs, { leafnodes, ...ours }] = await Promise.all([
      portsOf('nats-server', host),
      portsOf('router', host),
    ]);
    expect(ours).toEqual(theirs);
    expect(leafnodes).toEqual(['nats-leaf://127.0.0.1:port']);
  },
);
