// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { expect, test } from 'vitest';
import { noonMs, simulated } from '../../test/support/simulated.ts';
import type { Loose } from '../../test/support/simulated.ts';

const noon = noonMs / 1000;
const phone = (value: string) => [{ label: 'Work', value }];

test('from and to are both inclusive and act on created_at, also when ordered by updated_at', async () => {
  const { simulator, get } = await simulated({ contacts: 0 });
  const { contacts } = simulator.company;
  const early = contacts.add({ createdAt: noon - 300, updatedAt: noon - 10 });
  const late = contacts.add({ createdAt: noon - 200, updatedAt: noon - 200 });
  const ids = async (query: string) => (await get(`/v1/contacts?${query}`)).body.contacts.map(({ id }: { id: number }) => id);
  expect(await ids(`from=${noon - 300}&to=${noon - 300}`)).toEqual([early.id]);
  expect(await ids(`from=${noon - 299}`)).toEqual([late.id]);
  expect(await ids('order=desc')).toEqual([late.id, early.id]);
  expect(await ids('order=desc&order_by=updated_at')).toEqual([early.id, late.id]);
  expect(await ids(`order=desc&order_by=updated_at&from=${noon - 250}`)).toEqual([late.id]);
});

test('every company starts with two contacts of the vendor', async () => {
  const { get } = await simulated();
  const { contacts } = (await get('/v1/contacts')).body;
  expect(contacts.filter(({ company_name }: Loose) => company_name === 'Aircall')).toHaveLength(2);
});

test('contacts are created, changed by POST, and gone without a trace when deleted', async () => {
  const { simulator, ask, get } = await simulated();
  const created = await ask('POST', '/v1/contacts', { first_name: 'Ada', phone_numbers: phone('+15550100321') });
  expect(created.status).toBe(201);
  const { id } = created.body.contact;
  expect(Object.keys(created.body.contact)).toEqual([
    'id',
    'created_at',
    'updated_at',
    'first_name',
    'last_name',
    'information',
    'company_name',
    'is_shared',
    'direct_link',
    'phone_numbers',
    'emails',
  ]);
  simulator.company.advance(5);
  const changed = await ask('POST', `/v1/contacts/${id}`, { last_name: 'Sample', phone_numbers: phone('+15550100999') });
  expect([changed.status, changed.body.contact.last_name, changed.body.contact.updated_at]).toEqual([200, 'Sample', noon + 5]);
  expect(changed.body.contact.phone_numbers[0].value).toBe('+15550100321');
  expect((await ask('POST', `/v1/contacts/${id}`, { last_name: '' })).status).toBe(400);
  expect((await ask('PUT', `/v1/contacts/${id}`, { last_name: 'X' })).status).toBe(405);
  expect((await ask('DELETE', `/v1/contacts/${id}`)).status).toBe(204);
  const gone = await get(`/v1/contacts/${id}`);
  expect([gone.status, gone.body]).toEqual([404, { error: 'Not Found', troubleshoot: 'Resource not found', success: false }]);
});

test('a contact may have twenty phone numbers and no more', async () => {
  const { ask } = await simulated();
  const many = (count: number) => Array.from({ length: count }, (_, index) => phone(`+1555010${String(index).padStart(4, '0')}`)[0]);
  const full = await ask('POST', '/v1/contacts', { phone_numbers: many(20) });
  expect(full.status).toBe(201);
  expect((await ask('POST', '/v1/contacts', { phone_numbers: many(21) })).status).toBe(400);
  const path = `/v1/contacts/${full.body.contact.id}/phone_details`;
  expect((await ask('POST', path, { label: 'Home', value: '+15550109876' })).status).toBe(400);
});

test('the search finds exact phone numbers and addresses only, and lags behind writes', async () => {
  const { simulator, ask, get } = await simulated({ searchLagMs: 2_000 });
  const { body } = await ask('POST', '/v1/contacts', { phone_numbers: phone('+15550107777') });
  const search = async () => (await get('/v1/contacts/search?phone_number=%2B15550107777')).body.contacts.map(({ id }: Loose) => id);
  expect(await search()).toEqual([]);
  simulator.company.advance(2);
  expect(await search()).toEqual([body.contact.id]);
  expect((await get('/v1/contacts/search?phone_number=5550107777')).body.meta.total).toBe(0);
});

test('phone numbers and addresses are added, changed and deleted one by one', async () => {
  const { ask, get } = await simulated();
  const { body } = await ask('POST', '/v1/contacts', { phone_numbers: phone('+15550100321') });
  const path = `/v1/contacts/${body.contact.id}`;
  const email = (await ask('POST', `${path}/email_details`, { label: 'Work', value: 'ada@example.com' })).body.email_detail;
  expect((await ask('PUT', `${path}/email_details/${email.id}`, { value: 'grace@example.com' })).body.email_detail.value).toBe(
    'grace@example.com',
  );
  expect((await ask('DELETE', `${path}/email_details/${email.id}`)).status).toBe(204);
  expect((await get(path)).body.contact.emails).toEqual([]);
  expect((await ask('GET', `${path}/emails`)).body).toEqual({ message: 'Not Found' });
});
