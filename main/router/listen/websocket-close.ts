/** Status codes of close frames (RFC 6455, section 7.4.1), as nats-server gives them for each reason. */
import type { CloseReason } from '../connection/close-reason.ts';

const NORMAL = 1_000;
const GOING_AWAY = 1_001;
const PROTOCOL_ERROR = 1_002;
const POLICY_VIOLATION = 1_008;
const TOO_BIG = 1_009;
const INTERNAL_ERROR = 1_011;

const codes = new Map<CloseReason | undefined, number>([
  ['Client Closed', NORMAL],
  ['Authentication Timeout', POLICY_VIOLATION],
  ['Authentication Failure', POLICY_VIOLATION],
  ['Slow Consumer (Pending Bytes)', POLICY_VIOLATION],
  ['Slow Consumer (Write Deadline)', POLICY_VIOLATION],
  ['Maximum Account Connections Exceeded', POLICY_VIOLATION],
  ['Maximum Connections Exceeded', POLICY_VIOLATION],
  ['Maximum Control Line Exceeded', POLICY_VIOLATION],
  ['Maximum Subscriptions Exceeded', POLICY_VIOLATION],
  ['Missing Account', POLICY_VIOLATION],
  ['Authentication Expired', POLICY_VIOLATION],
  ['Credentials Revoked', POLICY_VIOLATION],
  ['Parse Error', PROTOCOL_ERROR],
  ['Protocol Violation', PROTOCOL_ERROR],
  ['Bad Client Protocol Version', PROTOCOL_ERROR],
  ['Maximum Message Payload Exceeded', TOO_BIG],
  ['Write Error', GOING_AWAY],
  ['Read Error', GOING_AWAY],
  ['Stale Connection', GOING_AWAY],
  ['Server Shutdown', GOING_AWAY],
]);

export function closeCode(reason: CloseReason | undefined): number {
  return codes.get(reason) ?? INTERNAL_ERROR;
}
