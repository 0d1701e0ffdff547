import type { PermissionOptions, SubjectPermissionOptions } from '../../options.ts';
import type { Report } from '../problems.ts';
import {
  problem,
  readDuration,
  readFields,
  readInteger,
  readMap,
  readStrings,
  type Draft,
} from '../read.ts';
import { isValidSubject } from '../../subject/match.ts';
import { toWire } from '../../subject/wire.ts';
import { kindOf, type ConfigNode } from '../tree.ts';

/** What `allow_responses: true` stands for: one reply within two minutes. */
const DEFAULT_RESPONSES = { max: 1, expires: 120_000 };

/** `{ publish: …, subscribe: …, allow_responses: … }` with each of their names. */
export function readPermissions(node: ConfigNode, report: Report): PermissionOptions {
  const draft: Draft<PermissionOptions> = {};
  readFields(
    readMap(node, 'permissions as a map'),
    {
      'pub|publish|import': (field) => setSubjects(draft, 'publish', field, report),
      'sub|subscribe|export': (field) => setSubjects(draft, 'subscribe', field, report),
      'allow_responses|publish_allow_responses': (field) => {
        const responses = readResponses(field, report);
        if (responses !== undefined) draft.responses = responses;
      },
    },
    report,
  );
  // Whoever may only answer may not publish anything else.
  if (draft.responses !== undefined && draft.publish?.allow === undefined) {
    draft.publish = { ...draft.publish, allow: [] };
  }
  return draft;
}

function setSubjects(
  draft: Draft<PermissionOptions>,
  side: 'publish' | 'subscribe',
  node: ConfigNode,
  report: Report,
): void {
  const subjects = readSubjectPermission(node, report);
  if (subjects !== undefined) draft[side] = subjects;
}

/** A subject, a list of them, or `{ allow, deny }`; an empty map says nothing. */
function readSubjectPermission(
  node: ConfigNode,
  report: Report,
): SubjectPermissionOptions | undefined {
  if (node.value.kind !== 'map') return allowing(readPermissionSubjects(node));
  if (node.value.entries.size === 0) return undefined;
  const draft: Draft<SubjectPermissionOptions> = {};
  readFields(
    node.value.entries,
    {
      allow: (field) => Object.assign(draft, allowing(readPermissionSubjects(field))),
      deny: (field) => (draft.deny = readPermissionSubjects(field)),
    },
    report,
  );
  return draft;
}

/** An empty list is no list for nats-server: all is allowed. */
function allowing(subjects: string[]): SubjectPermissionOptions {
  return subjects.length === 0 ? {} : { allow: subjects };
}

/** One subject or several, each with a queue behind a space where it is meant for that queue alone. */
export function readPermissionSubjects(node: ConfigNode): string[] {
  const subjects = readStrings(node);
  for (const subject of subjects) {
    const [name = '', ...queue] = subject.trim().split(/\s+/);
    if (isValidSubject(toWire(subject)) || (queue.length === 1 && isValidSubject(toWire(name))))
      continue;
    throw problem(node.at, `subject "${subject}" is not a valid subject`);
  }
  return subjects.map((subject) => subject.trim().replaceAll(/\s+/g, ' '));
}

function readResponses(node: ConfigNode, report: Report): PermissionOptions['responses'] {
  if (node.value.kind === 'boolean') return node.value.value ? DEFAULT_RESPONSES : undefined;
  if (node.value.kind !== 'map') {
    throw problem(node.at, `expected true, false or a map, got ${kindOf(node.value)}`);
  }
  const responses = { ...DEFAULT_RESPONSES };
  readFields(
    node.value.entries,
    {
      'max|max_msgs|max_messages|max_responses': (field) => {
        const max = readInteger(field);
        // 0 is the default, anything below it no limit.
        if (max !== 0) responses.max = Math.max(max, -1);
      },
      'expires|expiration|ttl': (field) => {
        const expires = readDuration(field);
        if (expires !== 0) responses.expires = Math.max(expires, 0);
      },
    },
    report,
  );
  return responses;
}
