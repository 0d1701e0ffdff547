/** A laboratory of network namespaces: machines, switches, routers, NATs. Nothing outside of it is touched. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NetNode } from './node.ts';
import { natRules, type NatKind } from './nat.ts';
import { deleteNamespace, ownPrefix } from './owner.ts';
import { Segment, type Attachment, type SegmentAddresses } from './segment.ts';

/** What is left when this process ends by itself (a failure, a signal that is handled): removed then. */
const open = new Set<Lab>();
let made = 0;

process.on('exit', () => {
  for (const lab of open) lab.tearDown();
});

export class Lab implements AsyncDisposable {
  /** For homes and files; goes with the laboratory. */
  readonly folder: string;
  readonly #prefix: string;
  readonly #nodes: NetNode[] = [];

  constructor() {
    const own = ownPrefix();
    made += 1;
    this.#prefix = `${own}${made}-`;
    this.folder = mkdtempSync(join(tmpdir(), own));
    open.add(this);
  }

  path(...names: string[]): string {
    return join(this.folder, ...names);
  }

  /** A machine without any cable. */
  async node(name: string): Promise<NetNode> {
    const node = new NetNode(name, this.#prefix + name);
    this.#nodes.push(node);
    await node.make();
    return node;
  }

  /** A switch. @param name also of the interfaces on it: 15 characters at most */
  async segment(name: string, addresses: SegmentAddresses): Promise<Segment> {
    const segment = new Segment(name, addresses, await this.node(`switch-${name}`));
    await segment.make();
    return segment;
  }

  /** A machine that forwards between segments. Returns its place on each. */
  async router(name: string, segments: readonly Segment[]): Promise<Attachment[]> {
    const node = await this.node(name);
    await node.set('ipv4/ip_forward', 1);
    await node.set('ipv6/conf/all/forwarding', 1);
    const attachments: Attachment[] = [];
    for (const segment of segments) attachments.push(await segment.attach(node));
    return attachments;
  }

  /** A router with NAT between `inside` and `outside`. Returns its place inside. */
  async nat(kind: NatKind, inside: Segment, outside: Segment): Promise<Attachment> {
    const [near] = await this.router(`nat-${inside.name}`, [inside, outside]);
    if (near === undefined) throw new Error('the router has no inside');
    await near.node.nft(natRules(kind, outside.name));
    return near;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.#nodes.map((node) => node.killAll()));
    this.tearDown();
  }

  /** Synchronous and complete: kills what runs in the namespaces, and removes them and the folder. */
  tearDown(): void {
    if (!open.delete(this)) return;
    for (const { namespace } of this.#nodes) deleteNamespace(namespace);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
