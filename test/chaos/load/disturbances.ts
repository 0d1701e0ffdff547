/** What is done to a router under load, and what has to come of it. */
import type { ServerProcess } from '../../router/support/router-process.ts';
import type { Disturbance } from './run-load.ts';

/** A machine that has much else to do takes its time. */
const LONGEST_MS = 30_000;

const configs = [
  'max_payload: 2MB\nmappings { unrelated: mapped }',
  'max_payload: 1MB\nping_interval: 20\nmax_connections: 1000',
];

async function ended(router: ServerProcess): Promise<void> {
  const code = await router.exited;
  if (code !== 0) throw new Error(`the router ended with ${code}:\n${router.log}`);
}

export const disturbances: readonly Disturbance[] = [
  {
    name: 'reload (HUP), five times',
    config: '',
    at: [0.1, 0.25, 0.4, 0.55, 0.7],
    async disturb(router, index) {
      await router.configure(configs[index % configs.length] ?? '');
      router.signal('SIGHUP');
      // Signals that come while one is waiting to be handled are one.
      await router.logged(
        new RegExp(`(?:Reloaded server configuration[^]*){${index + 1}}`),
        LONGEST_MS,
      );
    },
  },
  {
    name: 'lame duck (USR2)',
    config: 'lame_duck_duration: "30s"\nlame_duck_grace_period: "5s"',
    at: [0.3],
    async disturb(router) {
      router.signal('SIGUSR2');
    },
    after: ended,
  },
  {
    name: 'drain (TERM)',
    config: '',
    at: [0.3],
    async disturb(router) {
      router.signal('SIGTERM');
    },
    after: ended,
  },
];
