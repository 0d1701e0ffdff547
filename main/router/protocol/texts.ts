/** What the router answers, word for word as nats-server does. */
import { quote } from './quote.ts';

export const OK = '+OK\r\n';
export const PING = 'PING\r\n';
export const PONG = 'PONG\r\n';

/** `-ERR 'text'` */
export function errorLine(text: string): string {
  return `-ERR '${text}'\r\n`;
}

export const texts = {
  unknownOperation: 'Unknown Protocol Operation',
  authorization: 'Authorization Violation',
  authenticationTimeout: 'Authentication Timeout',
  authenticationExpired: 'User Authentication Expired',
  authenticationRevoked: 'User Authentication Revoked',
  accountExpired: 'Account Authentication Expired',
  maxConnections: 'maximum connections exceeded',
  maxAccountConnections: 'maximum account active connections exceeded',
  maxPayload: 'Maximum Payload Violation',
  maxControlLine: 'maximum control line exceeded',
  maxSubscriptions: 'maximum subscriptions exceeded',
  clientProtocol: 'invalid client protocol',
  noRespondersNeedHeaders: 'no responders requires headers support',
  stale: 'Stale Connection',
  tlsRequired: 'Secure Connection - TLS Required',
  invalidSubject: 'Invalid Subject',
  invalidPublishSubject: 'Invalid Publish Subject',
  throttled: 'Connection throttling is active. Please try again later.',
  leafPort: 'attempted to connect to leaf node port',
} as const;

/** All subjects and queues are wire strings, as they then stand in the line. */
export const violations = {
  publish: (subject: string) => `Permissions Violation for Publish to ${quote(subject)}`,
  reply: (reply: string) => `Permissions Violation for Publish with Reply of ${quote(reply)}`,
  subscription: (subject: string, queue: string | undefined) =>
    queue === undefined
      ? `Permissions Violation for Subscription to ${quote(subject)}`
      : `Permissions Violation for Subscription to ${quote(subject)} using queue ${quote(queue)}`,
  tokens: (subject: string) =>
    `Permissions Violation for Subscription to ${quote(subject)}, too many tokens`,
} as const;
