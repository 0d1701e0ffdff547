/**
 * Talks to routers. A thread of its own, which lives for one task: the library throws inside event handlers when a
 * datagram is too short, reads what routers answer without a limit, and anybody on the network can answer.
 */
import { type Gateway, type PortMapping, pmpNat, upnpNat } from '@achingbrain/nat-port-mapper';
import { parentPort, workerData } from 'node:worker_threads';
import { messageOf } from '../../base/errors.ts';
import { defaultRouters, ownAddressBeside } from './default-router.ts';
import { LIFETIME_S, type MappedBy, type MappingAnswer, type MappingTask } from './mapping-task.ts';

/** RFC 6886 section 3.1 begins with 250 ms and doubles; each try has to ask two questions here. */
const PMP_PATIENCE_MS = [300, 600, 1_200];
const UPNP_SEARCH_MS = 4_000;
const UPNP_ANSWER_MS = 3_000;
const UPNP_REPEAT_MS = 1_000;
/** Renewing and ending are done by whoever asked for this thread. */
const OPTIONS = { autoRefresh: false, description: 'Skerry' };
const CONNECTION = 'urn:schemas-upnp-org:service:WANIPConnection:2';

/** Inside the library's gateway, 4.0.5: what it does not offer needs it. */
interface UpnpDevice {
  readonly service: { readonly location: URL };
  run(
    service: string,
    action: string,
    parameters: [string, string | number][],
    options: { signal: AbortSignal },
  ): Promise<unknown>;
}

// What was waited for then times out, and the next way is tried.
process.on('uncaughtException', () => undefined);
parentPort?.postMessage(await answer(workerData as MappingTask));

async function answer(task: MappingTask): Promise<MappingAnswer> {
  if (task.type === 'unmap') {
    await unmap(task);
    return { result: 'unmapped' };
  }
  let refused: MappingAnswer | undefined;
  for (const router of await defaultRouters().catch(() => [])) {
    const answered = await mapByPmp(router, task.port);
    if (answered?.result === 'mapped') return answered;
    refused ??= answered;
  }
  const answered = await mapByUpnp(task.port);
  if (answered?.result === 'mapped') return answered;
  return refused ?? answered ?? { result: 'no-router' };
}

/** Undefined: no answer. */
async function mapByPmp(router: string, port: number): Promise<MappingAnswer | undefined> {
  const to = ownAddressBeside(router);
  if (to === undefined) return undefined;
  try {
    const mapping = await askByPmp(router, (gateway, signal) =>
      // The library sends this number as it is, and the protocol has it in seconds.
      gateway.map(port, to, { protocol: 'udp', ttl: LIFETIME_S, signal }),
    );
    return mapping && mapped(mapping, { protocol: 'NAT-PMP', router });
  } catch (error) {
    return { result: 'refused', reason: messageOf(error) };
  }
}

/**
 * Undefined: no answer. Rejects with what the router refused with.
 *
 * The library sends a request once, and after one without an answer no other: so each try has a gateway of its own.
 */
async function askByPmp<T>(
  router: string,
  ask: (gateway: Gateway, signal: AbortSignal) => Promise<T>,
): Promise<T | undefined> {
  for (const patience of PMP_PATIENCE_MS) {
    const gateway = pmpNat(router, OPTIONS);
    try {
      return await ask(gateway, AbortSignal.timeout(patience));
    } catch (error) {
      if (isResultCode(error)) throw error;
    } finally {
      await gateway.stop();
    }
  }
  return undefined;
}

/** Undefined: no answer. */
async function mapByUpnp(port: number): Promise<MappingAnswer | undefined> {
  let refused: MappingAnswer | undefined;
  const signal = AbortSignal.timeout(UPNP_SEARCH_MS);
  for await (const gateway of upnpNat(OPTIONS).findGateways({
    searchInterval: UPNP_REPEAT_MS,
    signal,
  })) {
    const to = ownAddressBeside(gateway.host);
    if (to === undefined) continue;
    try {
      const mapping = await gateway.map(port, to, {
        protocol: 'udp',
        ttl: LIFETIME_S * 1_000,
        signal: AbortSignal.timeout(UPNP_ANSWER_MS),
      });
      const description = deviceOf(gateway).service.location.href;
      return mapped(mapping, { protocol: 'UPnP', description });
    } catch (error) {
      if (error instanceof DOMException) continue; // No answer in time.
      refused ??= { result: 'refused', reason: messageOf(error) };
    }
  }
  return refused;
}

async function unmap({ port, outsidePort, by }: MappingTask & { type: 'unmap' }): Promise<void> {
  if (by.protocol === 'NAT-PMP') {
    await askByPmp(by.router, (gateway, signal) => gateway.unmap(port, unmapOptions(signal)));
    return;
  }
  const signal = AbortSignal.timeout(UPNP_ANSWER_MS);
  const gateway = await upnpNat(OPTIONS).getGateway(new URL(by.description), { signal });
  // Its own `unmap` names no protocol, and routers refuse that.
  const parameters: [string, string | number][] = [
    ['NewRemoteHost', ''],
    ['NewExternalPort', outsidePort],
    ['NewProtocol', 'UDP'],
  ];
  await deviceOf(gateway).run(CONNECTION, 'DeletePortMapping', parameters, { signal });
}

function mapped(mapping: PortMapping, by: MappedBy): MappingAnswer {
  const { externalHost: host, externalPort: port, internalHost: to } = mapping;
  return { result: 'mapped', host, port, to, by };
}

/** NAT-PMP's own (RFC 6886 section 3.5); time-outs have a numeric code too. */
function isResultCode(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof DOMException) return false;
  return 'code' in error && typeof error.code === 'number';
}

function deviceOf(gateway: Gateway): UpnpDevice {
  if (!('gateway' in gateway)) throw new Error('The library is another one than 4.0.5.');
  return gateway.gateway as UpnpDevice;
}

/** Its type leaves the protocol out, without which it unmaps TCP. */
function unmapOptions(signal: AbortSignal): { protocol: 'udp'; signal: AbortSignal } {
  return { protocol: 'udp', signal };
}
