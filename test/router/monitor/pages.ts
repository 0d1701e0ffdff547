/** Reads monitoring pages, and says of what shape they are. */
import { request } from 'node:http';

export interface Page {
  readonly status: number;
  readonly type: string;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

/** @param url `http://host:port` */
export function getPage(url: string, path: string, headers: object = {}): Promise<Page> {
  return new Promise((resolve, reject) => {
    const asked = request(new URL(path, url), { agent: false, headers: { ...headers } });
    asked.on('error', reject);
    asked.on('response', (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => (body += chunk));
      response.on('error', reject);
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? 0,
          type: response.headers['content-type'] ?? '',
          headers: response.headers,
          body,
        }),
      );
    });
    asked.end();
  });
}

export async function getJson<T = Record<string, unknown>>(url: string, path: string): Promise<T> {
  const { body } = await getPage(url, path);
  return JSON.parse(body) as T;
}

const formats: readonly (readonly [RegExp, string])[] = [
  [/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(?:Z|[+-]\d\d:\d\d)$/, 'time'],
  [/^(?:\d+[yd])*(?:\d+h)?(?:\d+m)?\d+s$/, 'uptime'],
  [/^\d+(?:\.\d+)?(?:ns|µs|ms|s)$/, 'duration'],
];

/** A duration of no milliseconds is written like an uptime. */
const ALIKE = new Set(['uptime', 'duration']);

/**
 * Keys with the types of their values, and the formats of strings. Of a list, what its entries have together.
 *
 * @param without keys that are left out
 */
export function shapeOf(value: unknown, without: ReadonlySet<string> = new Set()): unknown {
  if (value === null) return 'null';
  if (Array.isArray(value)) {
    const shapes = value.map((each) => JSON.stringify(shapeOf(each, without)));
    return [...new Set(shapes)].sort().map((each) => JSON.parse(each) as unknown);
  }
  if (typeof value === 'object') {
    const entries = Object.entries(value)
      .filter(([key]) => !without.has(key))
      .sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries.map(([key, each]) => [key, shapeOf(each, without)]));
  }
  if (typeof value !== 'string') return typeof value;
  const format = formats.find(([pattern]) => pattern.test(value))?.[1];
  if (format === undefined) return 'string';
  return ALIKE.has(format) ? 'span' : format;
}
