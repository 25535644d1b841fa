// The approvals pages behind fastify: reads a request for them, and sends what they answer.
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { PageReply, PageRequest } from './pages.ts';

export type ApprovalsDoor = {
  readonly addressOf: (request: IncomingMessage) => string | null;
  /** Null: not yet. */
  readonly answer: (request: PageRequest) => Promise<PageReply | null>;
};

/** A name, a password and a reason, however they are written. */
const largestFormBytes = 16 * 1024;

export async function defineApprovals(pages: FastifyInstance, { addressOf, answer }: ApprovalsDoor): Promise<void> {
  await pages.register(async (scope) => {
    // A form of a page, and nothing else: what another site can send without being asked comes with other types, too.
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: largestFormBytes },
      (_request, body, done) => done(null, body),
    );
    scope.route({ method: 'GET', url: '/approvals', handler });
    scope.route({ method: 'GET', url: '/approvals/*', handler });
    scope.route({ method: 'POST', url: '/approvals/*', handler });
  });

  async function handler(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { url = '/', headers } = request.raw;
    const [path = '/', query = ''] = url.split('?', 2);
    const site = headers['sec-fetch-site'];
    const answered = await answer({
      method: request.method === 'POST' ? 'POST' : 'GET',
      path,
      query,
      headers: { host: headers.host, origin: headers.origin, cookie: headers.cookie, site: typeof site === 'string' ? site : undefined },
      body: typeof request.body === 'string' ? request.body : '',
      ip: addressOf(request.raw),
    });
    if (answered === null)
      return reply.code(503).header('retry-after', 1).type('text/plain; charset=utf-8').send('Trunkline is starting.\n');
    for (const [name, value] of Object.entries(answered.headers)) reply.header(name, value);
    return reply.code(answered.status).send(answered.body);
  }
}
