import { clientInfo } from '../account/client-info.ts';
import { defaults } from '../defaults.ts';
import { timeText } from '../monitor/go-format.ts';
import type { MonitoredConnection } from '../monitor/view.ts';

/**
 * Whom an event is about.
 *
 * @param end Unix ms; given for what has ended, with the round trip
 */
export function clientBlock(connection: MonitoredConnection, end?: number): object {
  const info = clientInfo(connection, '');
  return {
    ...info,
    acc: info?.acc ?? defaults.globalAccount,
    server: undefined,
    rtt: end === undefined ? undefined : info?.rtt,
    stop: end === undefined ? undefined : timeText(end),
  };
}
