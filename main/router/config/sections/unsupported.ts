/** Sections of features that this router does not have: read for mistakes, told, and ignored. */
import type { Report } from '../problems.ts';
import { readMap } from '../read.ts';
import type { ConfigNode } from '../tree.ts';
import { readKnown } from './known.ts';

export const NO_SYSLOG =
  'There is no log to syslog: lines go to the log file, or to standard error.';

const SETTINGS: Readonly<Record<string, readonly string[]>> = {
  cluster: [
    'name',
    'listen',
    'port',
    'host|net',
    'authorization',
    'routes',
    'tls',
    'cluster_advertise|advertise',
    'no_advertise',
    'connect_retries',
    'permissions',
    'pool_size',
    'accounts',
    'compression',
    'ping_interval',
    'ping_max',
  ],
  gateway: [
    'name',
    'listen',
    'port',
    'host|net',
    'authorization',
    'tls',
    'advertise',
    'connect_retries',
    'gateways',
    'reject_unknown|reject_unknown_cluster',
  ],
  mqtt: [
    'listen',
    'port',
    'host|net',
    'tls',
    'authorization|authentication',
    'no_auth_user',
    'ack_wait|ackwait',
    'max_ack_pending|max_pending|max_inflight',
    'js_domain',
    'stream_replicas',
    'consumer_replicas',
    'consumer_memory_storage',
    'consumer_inactive_threshold|consumer_auto_cleanup',
    'reject_qos2_publish',
    'downgrade_qos2_subscribe',
  ],
};

const WHAT: Readonly<Record<string, string>> = {
  cluster: 'Clustering',
  gateway: 'Gateways are',
  mqtt: 'MQTT',
};

export function unsupported(section: 'cluster' | 'gateway' | 'mqtt'): string {
  const what = WHAT[section] ?? section;
  const verb = what.endsWith(' are') ? '' : ' is';
  return `${what}${verb} not supported by this router: "${section}" is ignored.`;
}

export function checkUnsupported(
  section: 'cluster' | 'gateway' | 'mqtt',
  node: ConfigNode,
  report: Report,
): void {
  readKnown(node, SETTINGS[section] ?? [], report);
  if (readMap(node).size > 0) report.note(unsupported(section));
}
