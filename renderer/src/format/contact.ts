/** Contacts and their links in words. */
import type { ContactInfo, LinkInfo } from '../../../main/api/contract.ts';
import { formatRtt } from './number.ts';
import { formatAgo } from './time.ts';

const PATHS: Record<LinkInfo['path'], string> = { udp: 'UDP', nats: 'NATS', relay: 'Relay' };

/** `UDP`, `NATS`, `Relay`. */
export function pathName(path: LinkInfo['path']): string {
  return PATHS[path];
}

/** What stands below a contact's name, in parts; `now` in milliseconds since 1970. */
export function presence(contact: ContactInfo, now: number): string[] {
  switch (contact.state) {
    case 'requested':
      return ['Wants to connect'];
    case 'invited':
      return ['Waiting for their answer'];
    case 'blocked':
      return ['Blocked'];
    case 'accepted':
      if (contact.link !== null) {
        return ['Online', pathName(contact.link.path), formatRtt(contact.link.rttMs)];
      }
      if (contact.online) return ['Online'];
      if (contact.lastSeenAt === null) return ['Not seen yet'];
      return [`Last seen ${formatAgo(contact.lastSeenAt, now)}`];
  }
}
