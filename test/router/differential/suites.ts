/** All scripted suites, in two halves of about the same length. */
import type { Suite } from './cases.ts';
import { accounts } from './cases/accounts.ts';
import { auth } from './cases/auth.ts';
import { connects } from './cases/connect.ts';
import { delivery } from './cases/delivery.ts';
import { jwts } from './cases/jwt.ts';
import { leafnodes } from './cases/leaf.ts';
import { limits } from './cases/limits.ts';
import { mappings } from './cases/mappings.ts';
import { monitoring } from './cases/monitoring.ts';
import { operations } from './cases/operations.ts';
import { permissions } from './cases/permissions.ts';
import { reloads } from './cases/reload.ts';
import { system } from './cases/system.ts';

/** One connection after the other: protocol, limits, logins. */
export const connectionSuites: readonly Suite[] = [
  { name: 'operations', cases: operations },
  { name: 'delivery', cases: delivery },
  { name: 'CONNECT', cases: connects },
  ...limits,
  ...auth,
  ...jwts,
];

/** What users and accounts may do, and what is said about it. */
export const accountSuites: readonly Suite[] = [
  ...permissions,
  ...mappings,
  ...accounts,
  ...system,
  ...reloads,
  ...monitoring,
  ...leafnodes,
];
