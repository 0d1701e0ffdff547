/** A router under a load that others make; sends back how late its event loop was. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { Router } from '../../../main/router/router.ts';

const RESOLUTION_MS = 1;

const router = new Router({ listen: { host: '127.0.0.1', port: -1 } });
await router.start();
const delay = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
process.on('message', (message) => {
  if (message === 'begin') {
    delay.enable();
    return;
  }
  delay.disable();
  // What the histogram holds is the time between two looks: the wanted one is in it.
  const late = (nanoseconds: number): number => nanoseconds / 1e6 - RESOLUTION_MS;
  process.send?.(
    { p50: late(delay.percentile(50)), p99: late(delay.percentile(99)), max: late(delay.max) },
    () => process.exit(0),
  );
});
process.send?.({ port: Number(new URL(router.addresses().nats[0] ?? '').port) });
