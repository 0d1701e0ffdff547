/**
 * Where the reference (nats-server 2.9) and the router, which follows 2.10, are meant to differ, each with its
 * reason. Nothing else may differ.
 */

/** JSON fields (INFO, monitoring, events) that one of the two does not have. */
const fields: Readonly<Record<string, string>> = {
  xkey: '2.10: INFO has a curve key to encrypt requests of auth callouts to',
};

/** Cases that are not compared, by `suite: name`. */
const cases: Readonly<Record<string, string>> = {
  'operations: the line "HMSG foo 1 0 0\\r\\n"':
    'nats-server reads HMSG of a client and delivers what it still knows of the last PUB; an accident',
  'CONNECT: CONNECT {"verbose":false,"protocol":1.0}':
    'JSON has one kind of number; nats-server closes for a whole number written with a fraction',
  'CONNECT: CONNECT {"verbose":false,"protocol":1e0}': 'the same with an exponent',
  'accounts: a request that nobody answers':
    '2.10: a service that nobody in the exporting account listens to has no responders',
  'accounts: a latency sample of a request with no responders': 'the same',
};

/**
 * Lines of which several in a row count as one. nats-server looks at a PUB again when its body comes in a
 * later read, so how often it complains depends on how it happened to read.
 */
const repeated: readonly string[] = ["-ERR 'Invalid Publish Subject'"];

export function isRepeatable(line: string): boolean {
  return repeated.includes(line);
}

export function isFieldOfOne(name: string): boolean {
  return name in fields;
}

/** Why a case is not compared; undefined for those that are. */
export function exceptionOf(suite: string, name: string): string | undefined {
  return cases[`${suite}: ${name}`];
}
