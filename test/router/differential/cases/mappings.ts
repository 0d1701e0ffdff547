/** Subject mappings of an account. */
import { chat, hpub, pub, type Case, type Suite } from '../cases.ts';

const config = `
mappings {
  "plain.from": "plain.to"
  "wild.*": "mapped.$1"
  "two.*.*": "two.mapped.{{wildcard(2)}}.{{wildcard(1)}}"
  "rest.>": "moved.>"
  "part.*": "parts.{{partition(3,1)}}.{{wildcard(1)}}"
  "hash.*.*": "hashes.{{partition(10,1,2)}}.{{wildcard(1)}}.{{wildcard(2)}}"
  "split.*": "splits.{{split(1,-)}}"
  "splitl.*": "splits.{{SplitFromLeft(1,2)}}"
  "splitr.*": "splits.{{SplitFromRight(1,2)}}"
  "slicel.*": "slices.{{SliceFromLeft(1,2)}}"
  "slicer.*": "slices.{{SliceFromRight(1,3)}}"
  "chain.a": "chain.b"
  "chain.b": "chain.c"
  "self.x": "self.x"
  "all": [ { destination: "all.one", weight: 100% } ]
  "none": [ { destination: "none.one", weight: 0% } ]
  "clustered": [ { destination: "clustered.one", weight: 100%, cluster: east } ]
  "svc": "svc.real"
}`;

const subjects = [
  'plain.from',
  'plain.to',
  'plain.from.x',
  'wild.a',
  'wild.a.b',
  'two.a.b',
  'two.a',
  'rest.a',
  'rest.a.b.c',
  'rest',
  'part.a',
  'part.b',
  'part.c',
  'part.customer-17',
  'hash.a.b',
  'hash.b.a',
  'hash.foo.bar',
  'split.a-b-c',
  'split.abc',
  'split.-a-',
  'splitl.abcd',
  'splitl.a',
  'splitr.abcd',
  'splitr.ab',
  'slicel.abcdef',
  'slicel.abcde',
  'slicel.a',
  'slicer.abcdefgh',
  'slicer.abc',
  'chain.a',
  'chain.b',
  'self.x',
  'all',
  'none',
  'clustered',
  'unmapped',
];

const cases: readonly Case[] = [
  ...subjects.map((subject) =>
    chat(
      `publishing to ${subject}`,
      'a SUB > 1',
      `b ${pub(subject, 'x')}`,
      `b ${hpub(subject, ['a: b'], 'x', 'inbox')}`,
    ),
  ),
  chat(
    'subscribing where the mapping leads',
    'a SUB plain.to 1',
    'a SUB plain.from 2',
    `b ${pub('plain.from')}`,
    `b ${pub('plain.to')}`,
  ),
  chat(
    'subscribing to what is mapped away',
    'a SUB wild.* 1',
    'a SUB mapped.* 2',
    `b ${pub('wild.x')}`,
  ),
  chat(
    'a request through a mapping',
    'a SUB svc.real 1',
    'b SUB inbox.* 1',
    `b ${pub('svc', 'ask', 'inbox.1')}`,
    'a !reply answer',
  ),
  chat(
    'no responders through a mapping',
    'b SUB inbox.* 1',
    'b SUB svc 2',
    `b ${pub('svc', 'ask', 'inbox.1')}`,
  ),
  chat(
    'a reply through a mapping',
    'a SUB ask 1',
    'b SUB plain.to 1',
    'b SUB plain.from 2',
    `b ${pub('ask', 'x', 'plain.from')}`,
    'a !reply answer',
  ),
  chat(
    'a queue group behind a mapping',
    'a SUB plain.to g q1',
    'c SUB plain.to g q1',
    `b ${pub('plain.from', '1')}`,
    `b ${pub('plain.from', '2')}`,
  ),
  chat(
    'echo off through a mapping',
    'A CONNECT {"verbose":false,"pedantic":false,"echo":false}',
    'A SUB plain.to 1',
    'b SUB plain.to 1',
    `A ${pub('plain.from')}`,
  ),
];

export const mappings: readonly Suite[] = [{ name: 'mappings', config, cases }];
