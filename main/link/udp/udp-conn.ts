import type { PacketConn } from '../types.ts';
import { formatAddress, isNearAddress, isOwnAddress } from './addresses.ts';
import type { UdpSocket } from './udp-socket.ts';

export const TAG_BYTES = 8;

/** Loopback carries 16 KiB whole, and few large packets are what makes it fast; tag included. */
const MAX_LOCAL = 16_383;
/** QUIC packets that fit into 1,500 bytes through PPPoE and most tunnels, under IPv6 too. */
export const MAX_REMOTE_PACKET = 1_350;
/** RFC 9000 section 14: QUIC needs a path that carries these. */
const BASE_PACKET = 1_200;

export interface Remote {
  readonly socket: UdpSocket;
  readonly host: string;
  readonly port: number;
}

/** The datagrams of one session from and to one address. */
export class UdpConn implements PacketConn {
  readonly kind = 'udp';
  readonly remote: string;
  readonly isNear: boolean;
  /** The other end is on this machine. */
  readonly isHere: boolean;
  readonly maxDatagram: number;
  readonly baseDatagram: number | undefined;
  onDatagram: ((datagram: Uint8Array) => void) | null = null;
  onDrain: (() => void) | null = null;
  onDead: ((reason: Error) => void) | null = null;
  readonly #tag: Uint8Array;
  readonly #address: Remote;
  readonly #onClose: () => void;
  #closed = false;

  constructor(tag: Uint8Array, address: Remote, onClose: () => void) {
    this.#tag = tag;
    this.#address = address;
    this.#onClose = onClose;
    this.remote = formatAddress(address.host, address.port);
    this.isNear = isNearAddress(address.host);
    this.isHere = isOwnAddress(address.host);
    this.maxDatagram = this.isHere ? MAX_LOCAL - TAG_BYTES : MAX_REMOTE_PACKET;
    this.baseDatagram = this.isHere ? undefined : BASE_PACKET;
  }

  isAt(host: string, port: number): boolean {
    return this.#address.port === port && this.#address.host === host;
  }

  send(datagram: Uint8Array): boolean {
    if (this.#closed) return true;
    const { socket, host, port } = this.#address;
    if (socket.send(this.#tag, datagram, host, port)) return true;
    socket.onceDrained(() => this.onDrain?.());
    return false;
  }

  /** The endpoint is gone. */
  die(reason: Error): void {
    this.#closed = true;
    this.onDead?.(reason);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#onClose();
  }
}
