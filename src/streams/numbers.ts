// The numbers stream. Who may answer a number is told by its retrieval only, one request each: that part is opt-in.
import { api, number } from '../aircall/index.ts';
import { fieldOf, keyOf } from './time-lister.ts';
import { wholeList, type WholeListOptions } from './whole-list.ts';

const { users: _users, ...listedFields } = number.fields;

const plain: WholeListOptions = {
  name: 'numbers',
  summary: 'Phone numbers of the company.',
  shape: { table: 'numbers', key: 'id', fields: listedFields, omit: ['users'] },
  endpoint: api.numbers.list,
  list: (aircall, request) => aircall.numbers.list({}, request),
  retrieve: (aircall, key, request) => aircall.numbers.retrieve(BigInt(key), request),
};

export const numbers = wholeList(plain);

/** Takes the place of `numbers` when asked for. */
export const numbersWithUsers = wholeList({
  ...plain,
  name: 'numbers__users',
  summary: 'Phone numbers of the company and the users who may answer each.',
  shape: { table: 'numbers', key: 'id', fields: number.fields },
  optIn: true,
  cost: 'one request per 50 numbers and one more for each number, every run',
  async expand(record, { aircall, request }) {
    const key = keyOf(fieldOf(record, 'id'));
    return key === null ? record : aircall.numbers.retrieve(BigInt(key), request);
  },
});
