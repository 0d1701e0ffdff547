/**
 * Where the reference (nats-server 2.9) and the router, which follows 2.10, are meant to differ, each with its
 * reason. Nothing else may differ.
 */

/** JSON fields (INFO, monitoring, events) that one of the two does not have. */
const fields: Readonly<Record<string, string>> = {
  xkey: '2.10: INFO has a curve key to encrypt requests of auth callouts to',
  flags: '2.10: servers say what they can in bits',
  compression: '2.10: leaf nodes say how they would compress; the router does not',
  slow_consumer_stats: '2.10: slow consumers are counted by kind too',
  status_code: '2.10: health has a number too, in answers over NATS',
  local_subject: '2.10: what an import is called here is shown under this name too',
  default_permissions: 'nats-server shows the claims of a JWT with what they leave out',
};

/** The same for fields that are meant only beside another one. */
const fieldsBeside: readonly {
  readonly field: string;
  readonly beside: string;
  readonly why: string;
}[] = [
  { field: 'server_name', beside: 'num_routes', why: '2.10: the page of routes names the server' },
  {
    field: 'data',
    beside: 'error',
    why: '2.10: an answer with an error has no data, 2.9 has null',
  },
  {
    field: 'num_subscriptions',
    beside: 'conns',
    why: '2.10: counts of an account have its subscriptions too',
  },
  { field: 'subscriptions', beside: 'cores', why: '2.10 has more of its own' },
  {
    field: 'subscriptions',
    beside: 'sublist_stats',
    why: 'the same in accounts: $SYS.REQ.USER.INFO',
  },
];

/** Subjects of imports, exports and subscriptions that only one of the two has. */
const systemSubject = /^\$SYS\.REQ\.(?:USER|ACCOUNT|SERVER)\./;

/** Whether an entry of a list is left out: 2.10 has more services of its own, and words them otherwise. */
export function isEntryOfOne(entry: unknown): boolean {
  if (typeof entry === 'string') return systemSubject.test(entry);
  if (typeof entry !== 'object' || entry === null || !('subject' in entry)) return false;
  return typeof entry.subject === 'string' && systemSubject.test(entry.subject);
}

/** Lists that one of the two leaves out, or says null for, when nothing is in them. */
export const emptyLists: ReadonlySet<string> = new Set(['leafs', 'imports']);

/** Cases that are not compared, by `suite: name`. */
const cases: Readonly<Record<string, string>> = {
  'operations: the line "HMSG foo 1 0 0\\r\\n"':
    'nats-server reads HMSG of a client and delivers what it still knows of the last PUB; an accident',
  'CONNECT: CONNECT {"verbose":false,"protocol":1.0}':
    'JSON has one kind of number; nats-server closes for a whole number written with a fraction',
  'CONNECT: CONNECT {"verbose":false,"protocol":1e0}': 'the same with an exponent',
  'permissions: wild subscribes':
    'nats-server takes a subscription to foo.> where foo.* is allowed, and delivers more than is; the router does not',
  'permissions: wild subscribes in a queue group': 'the same',
  'accounts: a request that nobody answers':
    '2.10: a service that nobody in the exporting account listens to has no responders',
  'accounts: a latency sample of a request with no responders': 'the same',
  'reload: a user goes':
    'nats-server closes whose user is gone without a word; the router says why',
  'reload: a user comes': 'the same, when the user goes again',
  'reload: a user moves to another account':
    'nats-server closes the connection; the router moves it with its subscriptions',
  'monitoring: /connz?sort=rtt': '2.10: connections can be sorted by their round trip',
  'system account: sys asks $SYS.REQ.SERVER.PING.IDZ ': '2.10: a server says who it is',
  'system account: sys asks $SYS.REQ.SERVER.<id>.IDZ ': 'the same',
  'system account: sys asks $SYS.REQ.USER.INFO ': '2.10: users can ask who they are',
  'system account: a asks $SYS.REQ.USER.INFO ': 'the same',
  'system account: free asks $SYS.REQ.USER.INFO ': 'the same',
  'system account: b asks $SYS.REQ.USER.INFO ': 'the same',
  'operator mode: who a user is': 'the same',
  'leaf nodes: the line "PUB foo 1\\r\\nx"':
    "nats-server takes clients' operations from leaf nodes too; an accident",
  'leaf nodes: the line "SUB foo 1"': 'the same, and it closes without a word',
  'leaf nodes: the line "UNSUB 1"': 'the same',
  'leaf nodes: the line "RS+ A foo"': 'the same for the operations of routes',
  'leaf nodes: the line "CONNECT {}"':
    'nats-server tells all its interest again to whoever says CONNECT again; the router ends that',
  'leaf nodes: one name twice':
    '2.10: a connection is replaced only by one that says for which account it comes',
  'leaf nodes of account users: what the login lets through':
    'nats-server asks leaf nodes for the services of the system whatever they may publish',
};

/**
 * Lines of which several in a row count as one. nats-server looks at a PUB again when its body comes in a
 * later read, so how often it complains depends on how it happened to read.
 */
const repeated: readonly string[] = ["-ERR 'Invalid Publish Subject'"];

/** Lines that one of the two does not say. */
const lines: Readonly<Record<string, string>> = {
  'LS+ $SYS.REQ.USER.INFO': '2.10: users can ask who they are',
};

export function isLineOfOne(line: string): boolean {
  return line in lines;
}

export function isRepeatable(line: string): boolean {
  return repeated.includes(line);
}

/** @param beside the object that the field is in */
export function isFieldOfOne(name: string, beside: object): boolean {
  return (
    name in fields || fieldsBeside.some((each) => each.field === name && each.beside in beside)
  );
}

/** Why a case is not compared; undefined for those that are. */
export function exceptionOf(suite: string, name: string): string | undefined {
  return cases[`${suite}: ${name}`];
}
