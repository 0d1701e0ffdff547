/** `/healthz`: whether clients can come. Without JetStream there is nothing else that could be ill. */

export interface HealthzOptions {
  readonly account?: string;
  readonly stream?: string;
  readonly consumer?: string;
  readonly details?: boolean;
}

export interface Health {
  /** HTTP status. */
  readonly code: 200 | 400 | 500;
  readonly body: object;
}

export function healthz(ready: boolean, options: HealthzOptions): Health {
  const { account = '', stream = '', consumer = '', details = false } = options;
  if (account === '' && stream !== '') return badRequest('account', 'stream', details);
  if (stream === '' && consumer !== '') return badRequest('stream', 'consumer', details);
  if (ready) return { code: 200, body: { status: 'ok' } };
  return { code: 500, body: unwell('CONNECTION', 'not ready for connections', details) };
}

function badRequest(missing: string, checked: string, details: boolean): Health {
  const error = `"${missing}" must not be empty when checking ${checked} health`;
  return { code: 400, body: unwell('BAD_REQUEST', error, details) };
}

function unwell(type: string, error: string, details: boolean): object {
  return details ? { status: 'error', errors: [{ type, error }] } : { status: 'error', error };
}
