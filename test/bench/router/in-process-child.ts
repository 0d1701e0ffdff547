/** Publishes to a subscriber of the same process, and sends back the rate. */
import { Router } from '../../../main/router/router.ts';
import type { GeneratorResult } from './generator.ts';
import type { InProcess } from './scenarios.ts';
import { WARM_UP } from './warm-up.ts';

process.on('message', ({ messages, size }: InProcess) => {
  const router = new Router({});
  const publisher = router.client();
  const subscriber = router.client();
  let received = 0;
  subscriber.subscribe('bench.subject', () => received++);
  const payload = new Uint8Array(size);
  for (let i = 0; i < messages * WARM_UP; i++) publisher.publish('bench.subject', payload);
  received = 0;
  const began = performance.now();
  for (let i = 0; i < messages; i++) publisher.publish('bench.subject', payload);
  const seconds = (performance.now() - began) / 1000;
  if (received !== messages) throw new Error(`${String(received)} of ${String(messages)} came`);
  const result: GeneratorResult = { rate: messages / seconds, seconds };
  process.send?.(result, () => process.exit(0));
});
