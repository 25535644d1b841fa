// Contacts that change, come and go while they are read, and in numbers that their list was not made for.
import { expect, test } from 'vitest';
import { type Lab, openLab } from './support/lab.ts';

const contactsOnly = { streams: ['contacts'] };

/** Changes so many contacts, each in a second of its own or all in one. */
async function change(lab: Lab, count: number, { secondsApart }: { readonly secondsApart: number }): Promise<void> {
  const { contacts } = lab.simulator.company;
  for (const { id } of [...contacts.all()].slice(0, count)) {
    contacts.update(id, { information: `changed at ${lab.clock.now()}` });
    await lab.pass(secondsApart);
  }
}

test('hundreds of contacts that came in one second are all there, although their order changes with every page', async () => {
  const lab = await openLab({ inMemory: true });
  await lab.run(contactsOnly);
  await lab.pass(60);
  for (let count = 0; count < 400; count += 1) lab.simulator.company.contacts.add({ firstName: `Imported ${count}` });
  await lab.pass(60);
  const result = await lab.run(contactsOnly);
  expect(result.outcome).toBe('done');
  expect(await lab.differences({ streams: ['contacts'] })).toEqual([]);
});

test('a contact is not overlooked when one came and another one went while the changes were walked through', async () => {
  const lab = await openLab({ inMemory: true, simulator: { contacts: 200 } });
  await lab.run(contactsOnly);
  await change(lab, 180, { secondsApart: 1 });
  const { contacts } = lab.simulator.company;
  const newest = [...contacts.all()].reduce((a, b) => (b.updatedAt > a.updatedAt ? b : a));
  const walked = (page: number, then: () => void) => {
    let done = false;
    lab.simulator.faults.choose({ endpoint: 'contacts.list', page, where: ({ query }) => query.includes('updated_at') }, () => {
      if (!done) then();
      done = true;
      return undefined;
    });
  };
  walked(2, () => contacts.add({ firstName: 'New' }));
  walked(3, () => contacts.remove(newest.id));
  expect((await lab.run(contactsOnly)).outcome).toBe('done');
  const mayBeStored = (_stream: string, key: string) => key === String(newest.id);
  expect(await lab.differences({ streams: ['contacts'], mayBeStored })).toEqual([]);
});
