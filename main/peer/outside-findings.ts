/** What the doctor says of how the UDP port is seen from outside. */
import type { OutsideStatus } from '../link/udp/outside.ts';
import type { MappingState } from '../link/udp/port-mapping.ts';
import type { StunServerStatus } from '../link/udp/stun-server.ts';
import { type Finding, note, ok, wrong } from './finding.ts';

export function outsideFindings(outside: OutsideStatus | undefined): Finding[] {
  if (outside === undefined) return [];
  return [...mappingFindings(outside.portMapping), ...outside.stun.map(stunFinding)];
}

function mappingFindings(mapping: MappingState): Finding[] {
  const subject = 'Port mapping';
  switch (mapping.state) {
    case 'off':
      return [];
    case 'looking':
      return [note(subject, 'The router is being asked.')];
    case 'not-needed':
      return [ok(subject, 'This computer has a public address and needs none.')];
    case 'mapped': {
      const { host, port, protocol } = mapping;
      return [ok(subject, `Mapped at ${host}:${port} by ${protocol}.`)];
    }
    case 'no-router':
      return [
        note(
          subject,
          'No router answered.',
          'If links to peers elsewhere do not come up directly, switch on UPnP or NAT-PMP in your router.',
        ),
      ];
    case 'private':
      return [
        note(
          subject,
          `The router is behind another NAT: its own address is ${mapping.host}.`,
          'Nothing needs to be done, unless that other router is yours too: let it pass everything to this one.',
        ),
      ];
    case 'refused':
      return [
        wrong(
          subject,
          `The router refused: ${mapping.reason}.`,
          'Let programs open ports in the settings of your router (UPnP, NAT-PMP).',
        ),
      ];
  }
}

function stunFinding({ server, state, seenAs }: StunServerStatus): Finding {
  const subject = `STUN ${server}`;
  switch (state) {
    case 'asking':
      return note(subject, 'It is being asked.');
    case 'answers':
      return ok(subject, `It sees this peer at ${seenAs.join(' and ')}.`);
    case 'silent':
      return wrong(
        subject,
        'It does not answer.',
        'Check its address under udp.stun in config.json, and whether a firewall keeps UDP from it.',
      );
    case 'refuses':
      return wrong(subject, 'It refuses to answer.', 'Name another server under udp.stun.');
    case 'unknown-name':
      return wrong(
        subject,
        'Its name cannot be found.',
        'Check it under udp.stun in config.json, and whether this computer has a network.',
      );
  }
}
