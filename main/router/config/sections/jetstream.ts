import type { Report } from '../problems.ts';
import { problem, readBoolean, readString } from '../read.ts';
import { kindOf, type ConfigNode } from '../tree.ts';
import { readKnown } from './known.ts';

export const NO_JETSTREAM =
  'JetStream is not part of this router. It runs without, as nats-server does without -js.';

const SERVER_SETTINGS = [
  'store|store_dir|storedir',
  'sync|sync_interval',
  'max_memory_store|max_mem_store|max_mem',
  'max_file_store|max_file',
  'domain',
  'enable|enabled',
  'key|ek|encryption_key',
  'prev_key|prev_ek|prev_encryption_key',
  'cipher',
  'extension_hint',
  'limits',
  'unique_tag',
  'max_outstanding_catchup',
  'request_queue_limit',
];

const ACCOUNT_SETTINGS = [
  'max_memory|max_mem|mem|memory',
  'max_store|max_file|max_disk|store|disk',
  'max_streams|streams',
  'max_consumers|consumers',
  'max_bytes_required|max_stream_bytes|max_bytes',
  'mem_max_stream_bytes|memory_max_stream_bytes',
  'disk_max_stream_bytes|store_max_stream_bytes',
  'max_ack_pending',
];

/** `jetstream: true`, `jetstream: enabled`, or `jetstream { … }` at the top level. */
export function checkJetStream(node: ConfigNode, report: Report): void {
  if (isWanted(node, SERVER_SETTINGS, report)) report.note(NO_JETSTREAM);
}

/** The same in an account, where it sets limits. */
export function checkAccountJetStream(node: ConfigNode, report: Report): void {
  isWanted(node, ACCOUNT_SETTINGS, report);
}

function isWanted(node: ConfigNode, settings: readonly string[], report: Report): boolean {
  const { value } = node;
  if (value.kind === 'boolean') return value.value;
  if (value.kind === 'map') {
    readKnown(node, settings, report);
    const enabled = value.entries.get('enabled') ?? value.entries.get('enable');
    return enabled === undefined || readBoolean(enabled);
  }
  if (value.kind !== 'string') {
    throw problem(node.at, `expected true, enabled or a map, got ${kindOf(value)}`);
  }
  const word = readString(node).toLowerCase();
  if (word === 'enabled' || word === 'enable') return true;
  if (word === 'disabled' || word === 'disable') return false;
  throw problem(node.at, `expected 'enabled' or 'disabled', got '${word}'`);
}
