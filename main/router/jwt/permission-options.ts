import type { PermissionOptions } from '../options.ts';
import type { ClaimedPermissions, ClaimedSubjects } from './claims.ts';

const DEFAULT_RESPONSES = 1;
const DEFAULT_RESPONSE_MS = 2 * 60 * 1000;

/** What the router applies; undefined when the claims restrict nothing. */
export function permissionOptions(claims: ClaimedPermissions): PermissionOptions | undefined {
  const publish = subjectOptions(claims.publish);
  const subscribe = subjectOptions(claims.subscribe);
  const responses = claims.responses && {
    max: claims.responses.max === 0 ? DEFAULT_RESPONSES : Math.max(claims.responses.max, -1),
    expires:
      claims.responses.ttl === 0 ? DEFAULT_RESPONSE_MS : Math.max(claims.responses.ttl / 1e6, 0),
  };
  if (publish === undefined && subscribe === undefined && responses === undefined) return undefined;
  return {
    ...(publish && { publish }),
    ...(subscribe && { subscribe }),
    ...(responses && { responses }),
  };
}

function subjectOptions({ allow, deny }: ClaimedSubjects): PermissionOptions['publish'] {
  if ((allow ?? []).length === 0 && (deny ?? []).length === 0) return undefined;
  return { ...(allow && { allow }), ...(deny && { deny }) };
}
