import { pino, type Logger } from 'pino';

export type Log = Logger;

/** Names of fields that never reach a log, wherever they stand in the logged object. */
const SECRET_FIELDS = ['seed', 'secret', 'passphrase', 'token', 'password', 'jwt', 'sig', 'eph'];

/**
 * The program's log: one JSON object a line on stderr, so that stdout stays free for `--json` answers.
 *
 * @param level pino level; `silent` for tests and one-shot commands
 */
export function createLog(level: string): Log {
  return pino(
    {
      name: 'skerry',
      level,
      redact: {
        paths: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`]),
        censor: '[secret]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
