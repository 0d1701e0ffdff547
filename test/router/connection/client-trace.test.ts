import { connect } from 'node:net';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { type RouterLog, silentLog } from '../../../main/router/log.ts';
import { Router } from '../../../main/router/router.ts';

async function linesOf(tracing: boolean, sent: string): Promise<string[]> {
  const lines: string[] = [];
  const log: RouterLog = { ...silentLog, tracing, trace: (line) => lines.push(line) };
  const router = new Router({ listen: { host: '127.0.0.1', port: -1 } }, log);
  await router.start();
  try {
    const socket = connect(Number(new URL(router.addresses().nats[0] ?? '').port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.resume();
    socket.write(sent);
    await once(socket, 'close');
  } finally {
    await router.stop();
  }
  // Without the address and what the client calls itself.
  return lines
    .map((line) => line.replace(/^.*? - (?=<<-|->>)/, ''))
    .filter((line) => !line.includes('INFO'));
}

const CONNECT =
  'CONNECT {"verbose":false,"user":"u","pass":"one \\" secret","auth_token":"other secret","name":"me"}\r\n';

test('router trace - shows each line that comes and goes, and no secret', async () => {
  const lines = await linesOf(true, `${CONNECT}SUB a 1\r\nPUB a r 5\r\nhello\r\nPING\r\nfoo\r\n`);
  expect(lines).toEqual([
    '<<- [CONNECT {"verbose":false,"user":"u","pass":"[REDACTED]","auth_token":"[REDACTED]","name":"me"}]',
    '<<- [SUB a 1]',
    '<<- [PUB a r 5]',
    '<<- MSG_PAYLOAD: ["hello"]',
    '->> [MSG a 1 r 5]',
    '<<- [PING]',
    '->> [PONG]',
    "->> [-ERR 'Unknown Protocol Operation']",
  ]);
  expect(lines.join('\n')).not.toContain('secret');
});

test('router trace - says nothing when it is off', async () => {
  expect(await linesOf(false, `${CONNECT}PING\r\nfoo\r\n`)).toEqual([]);
});
