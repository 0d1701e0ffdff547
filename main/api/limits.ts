/** What one connection may cost the peer, the same on every transport (docs/api.md). */

/** The largest message that the peer reads, bytes of UTF-8. */
export const MAX_MESSAGE_BYTES = 1024 * 1024;

/** Calls of one connection that run or whose answer has not been taken yet. */
export const MAX_CALLS_IN_FLIGHT = 64;

/** Each (event, subject) is sent at most once in this time, milliseconds. */
export const EVENT_INTERVAL_MS = 100;

/** Events that wait for a connection which does not read; one more ends it. */
export const MAX_WAITING_EVENTS = 16_384;

/** Bytes that a transport holds for a connection which does not read before it says so. */
export const HIGH_WATER_BYTES = 1024 * 1024;

/** Connections that one local socket, or one UI server, holds at a time. */
export const MAX_CONNECTIONS = 64;
