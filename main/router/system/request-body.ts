/** What a request asks for: a JSON object whose fields are all optional, by names in any case. */
import { RouterError } from '../errors.ts';
import { jsonProblem } from './json-problem.ts';

export class RequestBody {
  readonly #type: string;
  readonly #fields: ReadonlyMap<string, unknown>;

  /**
   * @param type how nats-server calls what it reads it into
   * @throws RouterError 'router-request' for what is no JSON object
   */
  constructor(payload: Buffer, type: string) {
    this.#type = type;
    this.#fields = payload.length === 0 ? new Map() : fieldsOf(payload.toString('utf8'), type);
  }

  text(name: string): string {
    const value = this.#fields.get(name) ?? '';
    return typeof value === 'string' ? value : this.#refuse(name, value, 'string');
  }

  flag(name: string): boolean {
    const value = this.#fields.get(name) ?? false;
    return typeof value === 'boolean' ? value : this.#refuse(name, value, 'bool');
  }

  integer(name: string, type = 'int'): number {
    const value = this.#fields.get(name) ?? 0;
    return Number.isSafeInteger(value) ? (value as number) : this.#refuse(name, value, type);
  }

  texts(name: string): readonly string[] {
    const value = this.#fields.get(name) ?? [];
    if (!Array.isArray(value)) return this.#refuse(name, value, '[]string');
    for (const each of value) {
      if (typeof each !== 'string') this.#refuse(name, each, 'string');
    }
    return value as readonly string[];
  }

  #refuse(name: string, value: unknown, type: string): never {
    throw new RouterError(
      'router-request',
      `json: cannot unmarshal ${kindOf(value)} into Go struct field ${this.#type}.${name} of type ${type}`,
    );
  }
}

function fieldsOf(text: string, type: string): ReadonlyMap<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Said again in the words that askers know.
    throw new RouterError('router-request', jsonProblem(text));
  }
  if (value === null) return new Map();
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw new RouterError(
      'router-request',
      `json: cannot unmarshal ${kindOf(value)} into Go value of type server.${type}`,
    );
  }
  return new Map(Object.entries(value).map(([name, field]) => [name.toLowerCase(), field]));
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number' && !Number.isInteger(value)) return `number ${value}`;
  return typeof value;
}
