/** Accounts as a nats.conf, so that a real server can be asked about what a test gives the router as data. */
import type { AccountOptions, ExportOptions, ImportOptions } from '../../../main/router/options.ts';

export function accountsText(accounts: readonly AccountOptions[]): string {
  return `accounts {\n${accounts.map(accountText).join('\n')}\n}\n`;
}

function accountText({ name, exports = [], imports = [], mappings = [] }: AccountOptions): string {
  const maps = mappings.map(({ source, destinations: [first, ...more] }) => {
    // nats-server 2.9 stumbles over its own message about a list.
    if (more.length > 0 || first === undefined) throw new Error('one destination only');
    return `${quoted(source)}: ${quoted(first.subject)}`;
  });
  return `${name} {
  users: [ { user: ${name}, password: x } ]
  exports: [ ${exports.map(exportText).join(', ')} ]
  imports: [ ${imports.map(importText).join(', ')} ]
  ${maps.length === 0 ? '' : `mappings { ${maps.join('\n')} }`}
}`;
}

function exportText(one: ExportOptions): string {
  const fields = [`${one.kind}: ${quoted(one.subject)}`];
  if (one.accounts !== undefined) fields.push(`accounts: [${one.accounts.join(', ')}]`);
  if (one.accountTokenPosition !== undefined) {
    fields.push(`account_token_position: ${String(one.accountTokenPosition)}`);
  }
  if (one.kind === 'service' && one.responseType !== undefined) {
    fields.push(`response_type: ${one.responseType}`);
  }
  if (one.kind === 'service' && one.latency !== undefined) {
    const { subject, sampling } = one.latency;
    fields.push(`latency: { subject: ${quoted(subject)}, sampling: ${String(sampling)} }`);
  }
  return `{ ${fields.join(', ')} }`;
}

function importText(one: ImportOptions): string {
  const fields = [`${one.kind}: { account: ${one.account}, subject: ${quoted(one.subject)} }`];
  if (one.to !== undefined) fields.push(`to: ${quoted(one.to)}`);
  if (one.kind === 'stream' && one.prefix !== undefined)
    fields.push(`prefix: ${quoted(one.prefix)}`);
  return `{ ${fields.join(', ')} }`;
}

const quoted = (text: string): string => JSON.stringify(text);
