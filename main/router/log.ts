/** Where a router's lines go; operate/ writes them as nats-server does, the peer hands them to its own log. */
export interface RouterLog {
  /** Checked before a line for `debug` or `trace` is built. */
  readonly debugging: boolean;
  readonly tracing: boolean;
  info(line: string): void;
  warn(line: string): void;
  error(line: string): void;
  debug(line: string): void;
  trace(line: string): void;
}

/** For routers that nobody watches, and for tests. */
export const silentLog: RouterLog = {
  debugging: false,
  tracing: false,
  info() {},
  warn() {},
  error() {},
  debug() {},
  trace() {},
};
