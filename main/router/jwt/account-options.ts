import type { AccountOptions, ExportOptions, ImportOptions } from '../options.ts';
import type { AccountClaims } from './account-claims.ts';
import type { ClaimedExport, ClaimedImport } from './exchange-claims.ts';
import { permissionOptions } from './permission-options.ts';

/** An account JWT as the configuration that the router works with. Limits of 0 stay 0: nothing is allowed. */
export function accountOptions(claims: AccountClaims): AccountOptions {
  const { limits } = claims;
  const defaultPermissions = permissionOptions(claims.defaultPermissions);
  return {
    name: claims.subject,
    nkey: claims.subject,
    ...(claims.name !== '' && { nameTag: claims.name }),
    exports: claims.exports.map(exportOptions),
    imports: claims.imports.map(importOptions),
    mappings: claims.mappings.map(({ source, destinations }) => ({
      source,
      destinations: destinations.map(({ subject, weight, cluster }) => ({
        subject,
        weight,
        ...(cluster !== '' && { cluster }),
      })),
    })),
    limits: {
      maxConnections: limits.connections,
      maxSubscriptions: limits.subs,
      maxPayload: limits.payload,
      maxLeafnodes: limits.leafnodes,
      maxImports: limits.imports,
      maxExports: limits.exports,
    },
    ...(defaultPermissions && { defaultPermissions }),
  };
}

function exportOptions(one: ClaimedExport): ExportOptions {
  const base = {
    subject: one.subject,
    ...(one.tokenRequired && { tokenRequired: true }),
    ...(one.accountTokenPosition > 0 && { accountTokenPosition: one.accountTokenPosition }),
  };
  if (one.kind !== 'service') return { kind: 'stream', ...base };
  const { latency, responseThreshold, responseType } = one;
  return {
    kind: 'service',
    ...base,
    responseType:
      responseType === 'Stream' ? 'stream' : responseType === 'Chunked' ? 'chunked' : 'singleton',
    ...(responseThreshold > 0 && { responseThreshold: responseThreshold / 1e6 }),
    ...(latency && {
      latency: {
        subject: latency.results,
        sampling: latency.sampling === 0 ? 'headers' : latency.sampling,
      },
    }),
  };
}

/**
 * `localSubject` is what it is called here. The older `to` means a prefix for streams; for services it is the
 * exported subject, and `subject` the local one.
 */
function importOptions(one: ClaimedImport): ImportOptions {
  const base = { account: one.account, ...(one.token !== '' && { token: one.token }) };
  if (one.kind !== 'service') {
    const renamed = one.localSubject !== '';
    return {
      kind: 'stream',
      ...base,
      subject: one.subject,
      ...(renamed && { to: one.localSubject }),
      ...(!renamed && one.to !== '' && { prefix: one.to }),
    };
  }
  const share = one.share && { share: true };
  if (one.localSubject !== '')
    return { kind: 'service', ...base, subject: one.subject, to: one.localSubject, ...share };
  if (one.to !== '')
    return { kind: 'service', ...base, subject: one.to, to: one.subject, ...share };
  return { kind: 'service', ...base, subject: one.subject, ...share };
}
