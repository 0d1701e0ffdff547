/** What is wrong with claims that were signed all the same: the rules that nats-server checks them by. */
import type { ClaimedPermissions, Claims, ClaimedSubjects } from './claims.ts';

/** Empty when nothing is wrong. Sentences without a point, for logs; they hold no secret. */
export type Problems = readonly string[];

/** @param now Unix ms */
export function timeProblems({ expires, notBefore }: Claims, now: number): Problems {
  const second = Math.floor(now / 1000);
  return [
    ...(expires > 0 && second > expires ? ['claim is expired'] : []),
    ...(notBefore > 0 && notBefore > second ? ['claim is not yet valid'] : []),
  ];
}

export function subjectProblems(subject: string): Problems {
  if (subject === '') return ['subject cannot be empty'];
  return [
    ...(subject.includes(' ') ? [`subject "${subject}" cannot have spaces`] : []),
    ...(subject.startsWith('.') || subject.endsWith('.')
      ? [`subject "${subject}" cannot start or end with a "."`]
      : []),
    ...(subject.includes('..') ? [`subject "${subject}" cannot contain consecutive "."`] : []),
  ];
}

export function permissionProblems({ publish, subscribe }: ClaimedPermissions): Problems {
  return [...listProblems(subscribe, true), ...listProblems(publish, false)];
}

function listProblems({ allow = [], deny = [] }: ClaimedSubjects, queues: boolean): Problems {
  return [...allow, ...deny].flatMap((entry) => {
    const parts = entry.split(' ');
    if (parts.length > 2) return [`permission subject "${entry}" contains too many spaces`];
    const queue =
      parts.length === 2 && !queues
        ? [`permission subject "${entry}" is not allowed to contain queue`]
        : [];
    return [...parts.flatMap(subjectProblems), ...queue];
  });
}

/** Whether any token is a wildcard, by the rules of the JWT library. */
export function hasWildcards(subject: string): boolean {
  return subject
    .split('.')
    .some((token, i, all) => token === '*' || (token === '>' && i === all.length - 1));
}
