import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export interface StunResponder {
  readonly port: number;
  close(): Promise<void>;
}

/** A STUN server as RFC 8489 has it, as far as a binding request without attributes goes. */
export async function startStunResponder(host: string, port = 0): Promise<StunResponder> {
  const socket = createSocket(host.includes(':') ? 'udp6' : 'udp4');
  socket.on('message', (request, from) => {
    const isBinding = request.length >= 20 && request.readUInt16BE(0) === 1;
    if (isBinding && request.readUInt32BE(4) === 0x2112a442) {
      socket.send(
        bindingAnswer(request.subarray(4, 20), from.address, from.port),
        from.port,
        from.address,
      );
    }
  });
  socket.bind(port, host);
  await once(socket, 'listening');
  return {
    port: socket.address().port,
    close: () => new Promise((resolve) => void socket.close(() => resolve())),
  };
}

/** @param key magic cookie and transaction id, 16 bytes */
export function bindingAnswer(key: Buffer, host: string, port: number): Buffer {
  const address = host.includes(':')
    ? Buffer.from(expanded(host), 'hex')
    : Buffer.from(host.split('.').map(Number));
  const answer = Buffer.alloc(28 + address.length);
  answer.writeUInt16BE(0x0101, 0);
  answer.writeUInt16BE(8 + address.length, 2);
  answer.set(key, 4);
  answer.writeUInt16BE(0x0020, 20);
  answer.writeUInt16BE(4 + address.length, 22);
  answer.writeUInt8(address.length === 4 ? 1 : 2, 25);
  answer.writeUInt16BE(port ^ 0x2112, 26);
  answer.set(
    address.map((byte, index) => byte ^ (key[index] ?? 0)),
    28,
  );
  return answer;
}

function expanded(host: string): string {
  const [head = [], tail = []] = host.split('::').map((part) => part.split(':').filter(Boolean));
  const middle = Array.from({ length: 8 - head.length - tail.length }, () => '0');
  return [...head, ...middle, ...tail].map((group) => group.padStart(4, '0')).join('');
}
