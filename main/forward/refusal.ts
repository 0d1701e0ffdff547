/** What a refusal of the other side, or trouble with the link, means to people here. */
import { codeOf } from '../base/errors.ts';
import { LinkError } from '../link/errors.ts';
import { ForwardError, type ForwardErrorCode } from './errors.ts';
import { REFUSALS, type Refusal } from './wire.ts';

const MEANINGS: Record<Refusal, [code: ForwardErrorCode, message: string]> = {
  'bad-request': ['service-misbehaved', 'The contact did not understand the request.'],
  'not-exposed': ['service-refused', 'The contact exposes no such service to this peer.'],
  busy: ['service-busy', 'The service has too many connections already.'],
  'target-refused': ['service-target-refused', 'Nothing listens behind the service.'],
  'target-unreachable': [
    'service-target-unreachable',
    'What is behind the service cannot be reached.',
  ],
};

/** A refusal as it came; codes that this version does not know are `service-refused`. */
export function errorOfRefusal(code: string): ForwardError {
  const known = REFUSALS.find((one) => one === code) ?? 'not-exposed';
  return new ForwardError(...MEANINGS[known]);
}

/** What opening or using a stream threw, as people see it; anything unknown is given back as it is. */
export function errorOfLink(error: unknown): unknown {
  switch (codeOf(error) ?? '') {
    case 'not-linked':
      return new ForwardError('service-offline', 'The contact is not online.', { cause: error });
    case 'link-limit':
      return new ForwardError('service-busy', 'The link to the contact has too many streams.', {
        cause: error,
      });
    case 'stream-refused':
      return error instanceof LinkError && error.refusal === 'unknown-protocol'
        ? new ForwardError('service-unsupported', 'The contact knows no services.')
        : new ForwardError('service-refused', 'The contact refused the stream.', { cause: error });
    case 'stream-header':
      return new ForwardError('service-misbehaved', 'The contact answered with nonsense.', {
        cause: error,
      });
    case 'link-down':
      return new ForwardError('service-cut', 'The link went down.', { cause: error });
    case 'stream-reset':
      return new ForwardError('service-cut', 'The connection was cut.', { cause: error });
    default:
      return error;
  }
}
