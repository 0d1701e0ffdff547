/**
 * Commands to a running server where the system has no signals for them (Windows): a named pipe that the server
 * opens, which only its own user and administrators may write to. Works over a Unix socket just as well.
 * One line each way: the command, then `ok` or what was wrong.
 */
import { connect, createServer, type Socket } from 'node:net';
import { isCommand, type Command } from './signals.ts';

const PIPE_FOLDER = '\\\\.\\pipe\\';
const PIPE_NAME = 'skerry-router-';
const ANSWER_MS = 5_000;
/** Characters of a line; a command is shorter. */
const MAX_LINE = 200;

export function pipeOf(pid: number): string {
  return `${PIPE_FOLDER}${PIPE_NAME}${pid}`;
}

/** The process ids in names of pipes. */
export function pidsOfPipes(names: readonly string[]): number[] {
  return names
    .filter((name) => name.startsWith(PIPE_NAME))
    .map((name) => Number(name.slice(PIPE_NAME.length)))
    .filter((pid) => Number.isSafeInteger(pid) && pid > 0);
}

export { PIPE_FOLDER };

interface ControlChannel {
  close(): void;
}

/** @param address path of a pipe or socket. Rejects with what the system says. */
export function openControl(
  address: string,
  handle: (command: Command) => void,
): Promise<ControlChannel> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    answerLine(socket, (line) => {
      if (!isCommand(line)) return `unknown signal "${line}"`;
      handle(line);
      return 'ok';
    });
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      server.on('error', () => undefined);
      server.unref();
      resolve({
        close() {
          server.close();
          for (const socket of sockets) socket.destroy();
        },
      });
    });
  });
}

function answerLine(socket: Socket, answer: (line: string) => string): void {
  let text = '';
  socket.setEncoding('utf8');
  socket.setTimeout(ANSWER_MS, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  const listen = (chunk: string): void => {
    text += chunk;
    const end = text.indexOf('\n');
    if (end === -1 && text.length <= MAX_LINE) return;
    socket.off('data', listen);
    socket.end(`${end === -1 ? 'the line is too long' : answer(text.slice(0, end))}\n`);
  };
  socket.on('data', listen);
}

/** Resolves when the server has taken the command. @throws Error with a sentence */
export function sendControl(address: string, command: Command): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(address);
    let text = '';
    socket.setEncoding('utf8');
    socket.setTimeout(ANSWER_MS, () => socket.destroy(new Error('it does not answer')));
    socket.on('connect', () => socket.write(`${command}\n`));
    socket.on('data', (chunk: string) => {
      if (text.length <= MAX_LINE) text += chunk;
    });
    socket.on('error', reject);
    socket.on('close', () => {
      const [line] = text.split('\n');
      if (line === 'ok') resolve();
      else reject(new Error(line === '' || line === undefined ? 'it hung up' : line));
    });
  });
}
