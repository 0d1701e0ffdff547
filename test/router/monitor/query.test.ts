import { expect, test } from 'vitest';
import { Query } from '../../../main/router/monitor/query.ts';

const query = (text: string): Query => new Query(new URLSearchParams(text));

test('flags and numbers are read as Go reads them', () => {
  for (const yes of ['1', 't', 'T', 'true', 'TRUE', 'True'])
    expect(query(`a=${yes}`).flag('a')).toBe(true);
  for (const no of ['', '0', 'f', 'F', 'false', 'FALSE', 'False'])
    expect(query(`a=${no}`).flag('a')).toBe(false);
  expect(query('n=%2B5').integer('n')).toBe(5);
  expect(query('n=-5').integer('n')).toBe(-5);
  expect(query('n=').integer('n')).toBe(0);
  expect(query('n=12').id('n')).toBe(12);
});

test('what is no flag or number is refused in the words of nats-server', () => {
  expect(() => query('a=yes').flag('a')).toThrow(
    `Error decoding boolean for 'a': strconv.ParseBool: parsing "yes": invalid syntax`,
  );
  expect(() => query('n=1x').integer('n')).toThrow(
    `Error decoding int for 'n': strconv.Atoi: parsing "1x": invalid syntax`,
  );
  expect(() => query('n=9223372036854775808').integer('n')).toThrow('value out of range');
  expect(() => query('n=-1').id('n')).toThrow(
    `Error decoding uint64 for 'n': strconv.ParseUint: parsing "-1": invalid syntax`,
  );
  expect(() => query('state=x').state()).toThrow('Error decoding state for x');
});

test('subscriptions are asked for as a flag or in detail', () => {
  expect(query('').subscriptions()).toEqual({ listed: false, detailed: false });
  expect(query('subs=1').subscriptions()).toEqual({ listed: true, detailed: false });
  expect(query('subs=Detail').subscriptions()).toEqual({ listed: false, detailed: true });
});
