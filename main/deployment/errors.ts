import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

/** Everything that can go wrong between this peer and an outside NATS deployment. */
export const deploymentErrors = {
  'nats-address': {
    meaning: 'The address of a NATS server is malformed or of a kind that is not supported.',
    hint: 'Write it like nats://host:4222 or tls://host:4222.',
  },
  'nats-unreachable': {
    meaning: 'The NATS server does not answer.',
    hint: 'Check the address and that the server is running; it is tried again by itself.',
  },
  'nats-name': {
    meaning: "The NATS server's host name is not known.",
    hint: 'Check the spelling of the host name and your DNS.',
  },
  'nats-tls': {
    meaning: 'The encrypted connection to the NATS server failed.',
    hint: "Check that the server's certificate is valid for its name and that both sides agree on TLS.",
  },
  'nats-authorization': {
    meaning: 'The NATS server refused the credentials of this peer, or wants some.',
    hint: 'Ask the operator of the server for a .creds file and name it in the configuration.',
  },
  'nats-permission': {
    meaning: 'The NATS server does not let this peer use a subject that it needs.',
    hint: 'Ask the operator to allow publish and subscribe on <prefix>.>.',
  },
  'nats-discovery': {
    meaning: 'The NATS server does not let this peer answer service discovery ($SRV).',
    hint: 'Dialling works all the same; ask the operator to allow $SRV.> if tools are to see this peer.',
  },
  'nats-creds': {
    meaning: 'The credentials file cannot be read or is no .creds file.',
    hint: 'Check the path in the configuration, and that it is the file that the operator gave you.',
  },
  'nats-payload': {
    meaning: 'The NATS server takes only messages that are too small for Skerry.',
    hint: 'Ask the operator for a max_payload of at least 1350 bytes; 16383 or more is fast.',
  },
  'nats-servers': {
    meaning: 'This peer already uses as many NATS servers of its contacts as it keeps at once.',
    hint: 'It is tried again by itself; configure the servers that you use most.',
  },
  'nats-protocol': {
    meaning: 'The NATS server said something that this peer does not understand.',
    hint: 'Check that the address is that of a NATS server.',
  },
  'nats-closed': {
    meaning: 'The connection to the NATS server was closed.',
    hint: 'It is set up again by itself while the peer is running.',
  },
} as const satisfies ErrorTable;

export type DeploymentErrorCode = keyof typeof deploymentErrors;

export class DeploymentError extends SkerryError<DeploymentErrorCode> {
  constructor(code: DeploymentErrorCode, message: string, options?: ErrorOptions) {
    super(deploymentErrors, code, message, options);
  }
}
