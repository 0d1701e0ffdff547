import type { RemoteInfo } from 'node:dgram';
import type { PacketConn } from '../types.ts';
import { formatAddress, isOwnAddress } from './addresses.ts';
import type { UdpSocket } from './udp-socket.ts';

export const TAG_BYTES = 8;

/** Loopback carries 16 KiB whole, and few large packets are what makes it fast; tag included. */
const MAX_LOCAL = 16_383;
/** QUIC packets that fit into 1,500 bytes through PPPoE and most tunnels, under IPv6 too. */
const MAX_REMOTE_PACKET = 1_350;

export interface Remote {
  readonly socket: UdpSocket;
  readonly host: string;
  readonly port: number;
}

/** The datagrams of one session on the endpoint's sockets. */
export class UdpConn implements PacketConn {
  readonly kind = 'udp';
  readonly maxDatagram: number;
  readonly tag: Uint8Array;
  onDatagram: ((datagram: Uint8Array, proven?: () => void) => void) | null = null;
  onDrain: (() => void) | null = null;
  onDead: ((reason: Error) => void) | null = null;
  readonly #onClose: () => void;
  #remote: Remote;
  #closed = false;

  constructor(tag: Uint8Array, remote: Remote, onClose: () => void) {
    this.tag = tag;
    this.#remote = remote;
    this.#onClose = onClose;
    this.maxDatagram = isOwnAddress(remote.host) ? MAX_LOCAL - TAG_BYTES : MAX_REMOTE_PACKET;
  }

  get remote(): string {
    return formatAddress(this.#remote.host, this.#remote.port);
  }

  send(datagram: Uint8Array): boolean {
    if (this.#closed) return true;
    const { socket, host, port } = this.#remote;
    if (socket.send(this.tag, datagram, host, port)) return true;
    socket.onceDrained(() => this.onDrain?.());
    return false;
  }

  /** A datagram with this session's tag came. */
  receive(datagram: Buffer, from: RemoteInfo, socket: UdpSocket): void {
    const packet = datagram.subarray(TAG_BYTES);
    const { host, port } = this.#remote;
    if (from.port === port && from.address === host) {
      this.onDatagram?.(packet);
      return;
    }
    // Whoever saw a tag on the way could send with it: the address is followed only once QUIC has
    // authenticated a packet from there (NAT rebinding, a laptop that changed networks).
    this.onDatagram?.(packet, () => {
      this.#remote = { socket, host: from.address, port: from.port };
    });
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
