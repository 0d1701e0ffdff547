/** Logs in to a real server by raw bytes and says what came of it. */
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';

export type Connect = Readonly<Record<string, unknown>>;

/** What is sent before PING, made when the nonce is known. */
type Opening = (nonce: string | undefined) => { connect: Connect; after?: string };

const TIMEOUT_MS = 5000;

/** `accepted`, the text of -ERR, or `closed`; and all lines after INFO. */
export async function login(
  port: number,
  opening: Opening,
  tls?: SecureContextOptions,
): Promise<{ verdict: string; lines: readonly string[] }> {
  const plain = connect(port, '127.0.0.1');
  plain.setTimeout(TIMEOUT_MS, () => plain.destroy(new Error('nats-server does not answer')));
  try {
    const info = await firstLine(plain);
    const { nonce } = JSON.parse(info.slice('INFO '.length)) as { nonce?: string };
    const socket =
      tls === undefined ? plain : connectTls({ socket: plain, rejectUnauthorized: false, ...tls });
    const { connect: options, after = '' } = opening(nonce);
    const lines = await talk(socket, `CONNECT ${JSON.stringify(options)}\r\n${after}PING\r\n`);
    const error = lines
      .map((line) => /^-ERR '(.*)'$/.exec(line)?.[1])
      .find((text) => text !== undefined);
    const accepted = lines.includes('PONG');
    return { verdict: accepted ? 'accepted' : (error ?? 'closed'), lines };
  } finally {
    plain.destroy();
  }
}

function firstLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let text = '';
    socket.on('error', reject);
    socket.on('data', function read(chunk: Buffer) {
      text += chunk.toString('latin1');
      const end = text.indexOf('\r\n');
      if (end < 0) return;
      socket.off('data', read);
      socket.pause();
      resolve(text.slice(0, end));
    });
  });
}

/** All lines up to the PONG, or to the end of the connection. */
function talk(socket: Socket, text: string): Promise<readonly string[]> {
  return new Promise((resolve) => {
    let answer = '';
    const lines = (): readonly string[] => answer.split('\r\n').filter((line) => line !== '');
    socket.on('data', (chunk: Buffer) => {
      answer += chunk.toString('latin1');
      if (/^PONG\r\n/m.test(answer)) resolve(lines());
    });
    socket.on('error', () => resolve(lines()));
    socket.on('close', () => resolve(lines()));
    socket.resume();
    socket.write(text);
  });
}
