import { SkerryError, type ErrorOptions, type ErrorTable } from '../base/errors.ts';

/** Everything that can go wrong between two peers, from the first datagram to a stream's last byte. */
export const linkErrors = {
  'no-answer': {
    meaning: 'Nothing answered at the address that was dialled.',
    hint: 'Check that the other peer is running and that its address is still the same.',
  },
  'way-unusable': {
    meaning:
      'This peer cannot use that way: wrong kind, no such address family, or not connected there.',
    hint: 'Try another way, or connect to the NATS server that the way names.',
  },
  'bad-answer': {
    meaning: 'An answer came that the dialled peer did not sign for this dial.',
    hint: 'Nothing needs to be done: the answer was ignored.',
  },
  'refused-unknown-peer': {
    meaning: 'The other peer has not accepted this one as a contact.',
    hint: 'Ask them to accept your request, or to send you a new invite.',
  },
  'refused-blocked': {
    meaning: 'The other peer has blocked this one.',
    hint: 'Only they can lift that.',
  },
  'refused-busy': {
    meaning: 'The other peer takes no more sessions for now.',
    hint: 'It is tried again by itself in a while.',
  },
  'refused-clock-skew': {
    meaning: 'The clocks of the two computers differ by more than 90 seconds.',
    hint: 'Set the date and time of both computers automatically.',
  },
  'refused-version': {
    meaning: 'The two peers speak no common version of the protocol.',
    hint: 'Update Skerry on both computers.',
  },
  'wrong-peer': {
    meaning: 'The other end proved another key than the one that was dialled.',
    hint: 'Somebody may stand between the two computers, or the address now belongs to another peer.',
  },
  'udp-bind': {
    meaning: 'The UDP port could not be opened.',
    hint: 'Choose another port, or stop the program that uses it.',
  },
  'not-linked': {
    meaning: 'There is no link to that peer.',
    hint: 'Check that the other peer is running; the link comes up by itself when it can be reached.',
  },
  'link-down': {
    meaning: 'The link went down while it was in use.',
    hint: 'It is set up again by itself; try again when the peer is back.',
  },
  'link-limit': {
    meaning: 'The link has as many open streams, or as many waiting callers, as it takes.',
    hint: 'Wait until some of the work on this link is done.',
  },
  'stream-reset': {
    meaning: 'The stream was given up by one of its ends.',
    hint: 'Try again; if it happens each time, look at the log of the other peer.',
  },
  'stream-refused': {
    meaning: 'The other peer did not accept the stream.',
    hint: 'Update Skerry on both computers if the other peer does not know the protocol.',
  },
  'stream-header': {
    meaning: 'The opening of a stream is too long or malformed.',
    hint: 'This is a fault of the program: please report it.',
  },
  'relay-off': {
    meaning: 'A contact does not relay for this peer.',
    hint: 'Both have to switch relaying on for each other: `skerry peers relay <peer> on`.',
  },
  'relay-unknown': {
    meaning: 'A contact cannot relay to that peer, or may not.',
    hint: 'That peer has to be online, and to allow the contact in between to relay for it.',
  },
  'relay-busy': {
    meaning: 'A contact relays as many connections as it takes.',
    hint: 'Another way is tried by itself; try again in a while.',
  },
  'relay-too-far': {
    meaning: 'There would be more than three contacts in between.',
    hint: 'Find a contact in common that is nearer, or another way.',
  },
  'link-protocol': {
    meaning: 'The other peer broke the rules of the control stream.',
    hint: 'Update Skerry on both computers.',
  },
  'quic-failed': {
    meaning: 'The encrypted connection failed.',
    hint: 'It is tried again by itself; look at the log when it goes on.',
  },
} as const satisfies ErrorTable;

export type LinkErrorCode = keyof typeof linkErrors;

export class LinkError extends SkerryError<LinkErrorCode> {
  /** With `stream-refused`: the code the other side gave, e.g. `unknown-protocol`. Untrusted, kebab-case. */
  readonly refusal: string | undefined;

  constructor(
    code: LinkErrorCode,
    message: string,
    options: ErrorOptions & { readonly refusal?: string } = {},
  ) {
    super(linkErrors, code, message, options);
    this.refusal = options.refusal;
  }
}
