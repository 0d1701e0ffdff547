import { problem } from '../read.ts';
import { kindOf, type ConfigNode } from '../tree.ts';

interface HostPort {
  readonly host: string;
  readonly port: number;
}

/** `4222`, `"host:4222"`, `"[::1]:4222"`, `":4222"`; the host is empty where none is named. */
export function readListen(node: ConfigNode): HostPort {
  const { value } = node;
  if (value.kind === 'integer') return { host: '', port: checkedPort(node, value.value) };
  if (value.kind !== 'string') {
    throw problem(node.at, `expected port or host:port, got ${kindOf(value)}`);
  }
  const match = /^(?:\[([^[\]]*)\]|([^:[\]]*)):(.*)$/s.exec(value.value);
  if (match === null) throw problem(node.at, `could not parse address string "${value.value}"`);
  const port = match[3] ?? '';
  if (!/^[+-]?\d+$/.test(port)) throw problem(node.at, `could not parse port "${port}"`);
  return { host: match[1] ?? match[2] ?? '', port: checkedPort(node, Number(port)) };
}

/** -1 stands for any free port. */
export function checkedPort(node: ConfigNode, port: number): number {
  if (Number.isInteger(port) && port >= -1 && port <= 65_535) return port;
  throw problem(node.at, `${port} is no port: -1 (any free one) to 65535`);
}
