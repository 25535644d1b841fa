import { expect, test } from 'vitest';
import { everything, openGatewayLab } from '../../../test/support/gateway-lab.ts';

test('a body is taken as JSON only where it says so: a form of a web page can send any text', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  const body = { name: 'New', color: '#00B388' };
  for (const type of [
    'text/plain',
    'application/x-www-form-urlencoded',
    'multipart/form-data',
    'application/jsonp',
    'application/json; charset=utf-16',
  ]) {
    const answer = await lab.ask(agent, 'POST', '/v1/tags', { body, headers: { 'content-type': type } });
    expect([answer.status, answer.body.code], type).toEqual([400, 'invalid_request']);
  }
  expect(lab.upstream()).toEqual([]);
});

test('a request that names another method in a header is refused', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  for (const name of ['x-http-method-override', 'x-http-method', 'x-method-override']) {
    const answer = await lab.ask(agent, 'GET', '/v1/tags', { headers: { [name]: 'DELETE' } });
    expect([answer.status, answer.body.code], name).toEqual([400, 'invalid_request']);
  }
  expect(lab.upstream()).toEqual([]);
});

test('a dry run may be spelt true, too, and is never a real one', async () => {
  const lab = await openGatewayLab();
  const agent = await lab.addAgent('Worker', { grants: everything(), taint: false });
  for (const spelling of ['1', 'true', 'TRUE']) {
    const request = { body: { name: 'New', color: '#00B388' }, headers: { 'x-dry-run': spelling } };
    expect((await lab.ask(agent, 'POST', '/v1/tags', request)).status).toBe(200);
  }
  expect(lab.upstream()).toEqual([]);
});
