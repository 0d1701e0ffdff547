/**
 * `/skerry/forward/1` (docs/protocol.md): the stream's header names a service; one frame answers, then the stream
 * carries the connection's bytes. What a contact exposes is announced on the control stream.
 */
import { z } from 'zod';

export const FORWARD_PROTOCOL = '/skerry/forward/1';
/** Topic of the announcement of what the other side may use. */
export const SERVICES_TOPIC = 'services';

/** The answer's CBOR. */
export const MAX_ANSWER_BYTES = 256;
/** Services of one peer: their names fit one announcement. */
export const MAX_SERVICES = 128;

export const ServiceName = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/);

/** Fields to come are passed over. */
export const Header = z.object({ service: ServiceName });

export const Announcement = z.object({ services: z.array(ServiceName).max(MAX_SERVICES) });

/** The closed set of reasons for which a stream is refused. */
export const REFUSALS = [
  /** The header names no service. */
  'bad-request',
  /** No such service, or not for this peer: the two are not told apart. */
  'not-exposed',
  /** Too many connections of this contact, or to this service. */
  'busy',
  /** Nobody listens at the target. */
  'target-refused',
  /** The target cannot be reached, or did not answer in time. */
  'target-unreachable',
] as const;
export type Refusal = (typeof REFUSALS)[number];

export const Answer = z.union([
  z.strictObject({ ok: z.literal(true) }),
  z.strictObject({ refused: z.string().max(64) }),
]);
export type Answer = z.infer<typeof Answer>;
