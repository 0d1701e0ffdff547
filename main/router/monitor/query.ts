/** Parameters of a monitoring page. What cannot be read is refused in the words of nats-server (Go's strconv). */
import { RouterError } from '../errors.ts';

const MAX_INT = 2n ** 63n;

export class Query {
  readonly #params: URLSearchParams;

  constructor(params: URLSearchParams) {
    this.#params = params;
  }

  /** Empty when it is not there. */
  text(name: string): string {
    return this.#params.get(name) ?? '';
  }

  flag(name: string): boolean {
    const text = this.text(name);
    if (/^(?:1|t|T|true|TRUE|True)$/.test(text)) return true;
    if (/^(?:|0|f|F|false|FALSE|False)$/.test(text)) return false;
    throw wrong(name, 'boolean', 'ParseBool', text, 'invalid syntax');
  }

  /** 0 when it is not there. */
  integer(name: string): number {
    const text = this.text(name);
    if (text === '') return 0;
    if (!/^[+-]?\d+$/.test(text)) throw wrong(name, 'int', 'Atoi', text, 'invalid syntax');
    const value = BigInt(text.replace(/^\+/, ''));
    if (value >= MAX_INT || value < -MAX_INT)
      throw wrong(name, 'int', 'Atoi', text, 'value out of range');
    return Number(value);
  }

  /** 0 when it is not there. */
  id(name: string): number {
    const text = this.text(name);
    if (text === '') return 0;
    if (!/^\d+$/.test(text)) throw wrong(name, 'uint64', 'ParseUint', text, 'invalid syntax');
    const value = BigInt(text);
    if (value >= 2n * MAX_INT) throw wrong(name, 'uint64', 'ParseUint', text, 'value out of range');
    return Number(value);
  }

  /** `subs`: a flag, or `detail`. */
  subscriptions(): { readonly listed: boolean; readonly detailed: boolean } {
    const detailed = this.text('subs').toLowerCase() === 'detail';
    return { detailed, listed: !detailed && this.flag('subs') };
  }

  state(): 'open' | 'closed' | 'any' {
    const text = this.text('state');
    switch (text.toLowerCase()) {
      case '':
      case 'open':
        return 'open';
      case 'closed':
        return 'closed';
      case 'any':
      case 'all':
        return 'any';
      default:
        throw new RouterError('router-query', `Error decoding state for ${text}`);
    }
  }
}

function wrong(name: string, type: string, parser: string, text: string, why: string): RouterError {
  return new RouterError(
    'router-query',
    `Error decoding ${type} for '${name}': strconv.${parser}: parsing ${JSON.stringify(text)}: ${why}`,
  );
}
