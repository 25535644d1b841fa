// Answers are looked into as they come: what is not there is undefined and fails the expectation.
/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call */
/* oxlint-disable typescript/no-unsafe-member-access, typescript/no-unsafe-return */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, onTestFinished, test } from 'vitest';
import { noonMs, simulated } from '../../test/support/simulated.ts';
import type { Loose } from '../../test/support/simulated.ts';

async function receiver(answer: (attempt: number) => number) {
  const received: Loose[] = [];
  const server = createServer((incoming, outgoing) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      received.push(JSON.parse(Buffer.concat(chunks).toString('utf8')));
      outgoing.writeHead(answer(received.length)).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => void server.close());
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, received };
}

test('an event reaches the webhooks subscribed to it, with their token', async () => {
  const { simulator } = await simulated({ webhooks: 0, delivers: true });
  const { url, received } = await receiver(() => 200);
  const webhook = simulator.company.webhooks.add({ url, events: ['contact.created'] });
  const contact = simulator.company.contacts.add({ firstName: 'Ada' });
  simulator.company.contacts.update(contact.id, { firstName: 'Grace' });
  await simulator.delivered();
  expect(received).toEqual([
    {
      resource: 'contact',
      event: 'contact.created',
      timestamp: noonMs / 1000,
      token: webhook.token,
      data: expect.objectContaining({ id: contact.id }),
    },
  ]);
  expect(Object.keys(received[0])).toEqual(['resource', 'event', 'timestamp', 'token', 'data']);
});

test('what fails is tried again, a webhook that keeps failing is switched off, and one success switches it on', async () => {
  const { simulator, clock } = await simulated({ webhooks: 0, delivers: true, switches: { disabledAfter: 'ten', retrySpacing: 'even' } });
  const { url } = await receiver((attempt) => (attempt <= 12 ? 500 : 200));
  const { webhookId } = simulator.company.webhooks.add({ url, events: ['contact.created'] });
  simulator.company.contacts.add({ firstName: 'Ada' });
  const states: (boolean | undefined)[] = [];
  for (let attempt = 1; attempt <= 13; attempt += 1) {
    await simulator.delivered();
    states.push(simulator.company.webhooks.get(webhookId)?.active);
    await clock.advance(30_000);
  }
  expect(states).toEqual([...Array.from({ length: 9 }, () => true), false, false, false, true]);
  expect(simulator.deliveries.map(({ status }) => status)).toEqual([...Array.from({ length: 12 }, () => 500), 200]);
});
