// The line between a client's stdin and stdout and the process that serves, with a server that answers as each test says.
import { PassThrough } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createLog } from '../../base/index.ts';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { json, serve } from '../../../test/support/http-server.ts';
import type { Answer } from '../../../test/support/http-server.ts';
import { serveStdio } from './stdio.ts';

test('the last message needs no line end', async () => {
  const line = await open(answerAll);
  line.input.end('{"jsonrpc":"2.0","id":1,"method":"tools/list"}');
  expect(await line.ended).toBe(true);
  expect(line.answers()).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
});

test('half a message is not sent when the signal ends the line, or the input breaks', async () => {
  const stopped = await open(answerAll);
  stopped.input.write('{"jsonrpc":"2.0",');
  await turn();
  stopped.stop();
  expect(await stopped.ended).toBe(true);
  const broken = await open(answerAll);
  broken.input.write('{"jsonrpc":"2.0",');
  await turn();
  broken.input.destroy();
  await broken.ended;
  expect([...stopped.received, ...broken.received]).toEqual([]);
});

test('an answer that takes 40 s after the client has closed its end still reaches it', async () => {
  let answer = () => {};
  const line = await open((...asked) => void (answer = () => answerAll(...asked)));
  line.ask(1);
  line.input.end();
  await line.asked(1);
  await line.clock.advance(40_000);
  answer();
  expect(await line.ended).toBe(true);
  expect(line.answers()).toEqual([{ jsonrpc: '2.0', id: 1, result: {} }]);
});

test('what is given up is answered as something that may have happened, told to the log, and no success', async () => {
  const line = await open(({ body }, response) => {
    if (body.includes('"id":1')) json(response, 200, { jsonrpc: '2.0', id: 1, result: {} });
  });
  line.ask(1);
  line.ask(2);
  line.ask(2);
  line.input.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  line.input.write('{"jsonrpc":"2.0","id":"news","method":"subscriptions/listen"}\n');
  await line.asked(5);
  line.input.end();
  await expect.poll(() => line.answers().length).toBe(1);
  await line.clock.advance(44_000);
  expect(line.answers()).toHaveLength(1);
  await line.clock.advance(2000);
  expect(await line.ended).toBe(false);
  const mayHaveHappened = { error: { code: -32603, message: expect.stringContaining('may have happened') as string } };
  expect(line.answers()).toMatchObject([
    { id: 1, result: {} },
    { id: 2, ...mayHaveHappened },
    { id: 2, ...mayHaveHappened },
  ]);
  expect(line.said()).toEqual(['error: the gateway did not answer in time, and the client has closed its end (requests=3)']);
});

test('the signal ends the line at once, whatever is under way: notices, and two requests of one id', async () => {
  const line = await open(() => {});
  line.ask(1);
  line.ask(1);
  line.input.write('{"jsonrpc":"2.0","method":"notifications/initialized"}\n');
  await line.asked(3);
  line.stop();
  expect(await line.ended).toBe(true);
  await expect.poll(() => line.left()).toBe(3);
  expect(line.answers()).toEqual([]);
});

test('both requests of one id are cancelled with it', async () => {
  const line = await open(() => {});
  line.ask(1);
  line.ask(1);
  await line.asked(2);
  line.input.end('{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}\n');
  expect(await line.ended).toBe(true);
  await expect.poll(() => line.left()).toBe(2);
});

test('a client that reads nothing is not waited for for ever once it has closed its end', async () => {
  const line = await open(answerAll, () => new Promise(() => {}));
  line.ask(1);
  line.input.end();
  await expect.poll(() => line.clock.sleeps.length).toBe(2);
  await line.clock.advance(10_000);
  await line.clock.advance(1000);
  expect(await line.ended).toBe(false);
  expect(line.said()).toEqual(['error: the client does not read what it is answered']);
});

test('a client that reads nothing does not hold the line when the signal comes', async () => {
  const line = await open(answerAll, () => new Promise(() => {}));
  line.ask(1);
  await line.asked(1);
  line.stop();
  await expect.poll(() => line.clock.sleeps.length).toBeGreaterThan(0);
  await line.clock.advance(1000);
  expect(await line.ended).toBe(true);
});

test('a client that reads slowly gets all of it', async () => {
  const release: (() => void)[] = [];
  const line = await open(answerAll, () => new Promise((resolve) => void release.push(resolve)));
  for (const id of [1, 2, 3, 4]) line.ask(id);
  line.input.end();
  await expect.poll(() => line.clock.sleeps.length).toBe(2);
  for (let taken = 0; taken < 4; taken += 1) {
    await line.clock.advance(9000);
    release[taken]?.();
    await turn();
  }
  expect(await line.ended).toBe(true);
  expect(line.answers()).toHaveLength(4);
});

const answerAll: Answer = ({ body }, response) => {
  const { id } = JSON.parse(body) as { id?: number };
  json(response, 200, { jsonrpc: '2.0', id, result: {} });
};

async function open(answer: Answer, taken: () => Promise<void> = async () => {}) {
  let left = 0;
  const server = await serve((received, response, index) => {
    response.once('close', () => {
      if (!response.writableFinished) left += 1;
    });
    answer(received, response, index);
  });
  const input = new PassThrough();
  const clock = new FakeClock();
  const stopping = new AbortController();
  const written: string[] = [];
  const said: string[] = [];
  const ended = serveStdio({
    input,
    write: (text) => {
      written.push(text);
      return taken();
    },
    target: async () => server.url,
    authorization: 'Basic x',
    fetch: globalThis.fetch,
    clock,
    log: createLog({ level: 'info', format: 'text', write: (text) => void said.push(text) }),
    signal: stopping.signal,
  });
  return {
    input,
    clock,
    ended,
    received: server.received,
    ask: (id: number) => input.write(`${JSON.stringify({ jsonrpc: '2.0', id, method: 'tools/list' })}\n`),
    asked: (count: number) => expect.poll(() => server.received.length).toBe(count),
    stop: () => stopping.abort(),
    answers: () => written.map((text) => JSON.parse(text) as object),
    said: () => said,
    /** How many requests were given up on the way. */
    left: () => left,
  };
}
