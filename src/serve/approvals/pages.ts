// Where people approve and refuse in the browser. In: a request, read. Out: a page, or the way to one. Knows no web framework.
//
//   GET  /approvals             what waits for whoever is logged in
//   GET  /approvals/AP-31       one of it; POST decides
//   GET  /approvals/login       POST logs in
//   GET  /approvals/password    POST changes the own one
//   POST /approvals/logout
//
// What a person may decide, and whether a request still waits, is judged by the gateway; nothing here decides about it.
import { isTrunklineError, UsageError } from '../../base/index.ts';
import type { Clock, Log } from '../../base/index.ts';
import { capabilityOf, isAuditUnavailable, mayDecideAbout, readReason, recordDecision, sessionMs } from '../../gateway/index.ts';
import type { Approval, Approvals, DecisionParts, Logins, PeopleDesk, Policy, Session, Verdict } from '../../gateway/index.ts';
import { cookieOf, fieldsOf, formToken, isFormToken } from './forms.ts';
import type { Html } from './html.ts';
import { pageStyleHash } from './page-style.ts';
import { againPage, approvalPage, listPage, loginPage, messagePage, notYoursPage, passwordPage, sorryPage } from './views.ts';
import type { Look, Notice } from './views.ts';

export type ApprovalPagesOptions = {
  readonly approvals: Approvals;
  readonly logins: Logins;
  readonly people: PeopleDesk;
  /** Throws when it cannot be read: then nothing is shown and nothing decided. */
  readonly policies: { readonly current: () => Policy };
  readonly audit: DecisionParts['audit'];
  /** Who answers for an agent, as a person who logs in, may not approve what it asks for. */
  readonly fourEyes: boolean;
  /** Under which origins the pages are opened, such as `https://trunkline.example.com`. */
  readonly origins: readonly string[];
  readonly clock: Clock;
  /** Gives so many random bytes. */
  readonly random: (size: number) => Buffer;
  readonly log: Log;
};

export type PageRequest = {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  readonly query: string;
  readonly headers: {
    readonly host: string | undefined;
    readonly origin: string | undefined;
    readonly cookie: string | undefined;
    /** `sec-fetch-site`. */
    readonly site: string | undefined;
  };
  /** Of a form. */
  readonly body: string;
  /** Null: nobody knows. */
  readonly ip: string | null;
};

export type PageReply = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  readonly body: string;
};

export interface ApprovalPages {
  /** Never rejects. */
  answer(request: PageRequest): Promise<PageReply>;
  /** Safe to call twice. */
  close(): Promise<void>;
}

/** `same-origin`, not `no-referrer`: with that, browsers say of the forms on a page that they come from nowhere (Origin: null). */
const commonHeaders = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src '${pageStyleHash}'; img-src data:; form-action 'self'; frame-ancestors 'none'; base-uri 'none'`,
  'cache-control': 'no-store',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-robots-tag': 'noindex, nofollow',
} as const;

const approvalPath = /^\/approvals\/(AP-[1-9]\d{0,14})$/;
/** How long a login form may stand open. */
const formSeconds = 60 * 60;

export function createApprovalPages(options: ApprovalPagesOptions): ApprovalPages {
  const { approvals, logins, people, policies, audit, fourEyes, origins, clock, random, log } = options;
  const isSecure = origins.every((origin) => origin.startsWith('https:'));
  // `__Host-`: set by this host alone, over TLS, so that no neighbour of the domain can plant one.
  const cookies = isSecure
    ? { session: '__Host-trunkline', form: '__Host-trunkline-form' }
    : { session: 'trunkline', form: 'trunkline-form' };
  const eyes = fourEyes ? (name: string) => people.find(name) : null;
  const hosts = origins.map((origin) => new URL(origin).host);

  return {
    async answer(request) {
      try {
        return await route(request);
      } catch (error) {
        // Nothing that was thrown goes out: it may say anything.
        if (isAuditUnavailable(error)) {
          return sorry(503, 'Nothing was done', 'The log cannot be written now, and nothing is done without it. Try again later.');
        }
        if (isTrunklineError(error) && error.code === 'clock_set_back') {
          const why = 'The clock of this machine was set back, so nobody can say what has ended. Whoever runs Trunkline can set it right.';
          return sorry(503, 'Nothing was done', why);
        }
        log.error('an approvals page failed', { error: error instanceof Error ? error.name : typeof error });
        return sorry(500, 'Something went wrong', 'What you asked for was not done. Try again, or use the command line.');
      }
    },
    close: () => logins.close(),
  };

  async function route(request: PageRequest): Promise<PageReply> {
    const { method, path, headers } = request;
    if (!hosts.includes((headers.host ?? '').toLowerCase())) {
      return sorry(421, 'Not here', `These pages are at ${origins[0] ?? 'another address'}.`);
    }
    if (method === 'POST' && !isFromHere(headers)) {
      return sorry(403, 'Not from here', 'This was not sent from a page of Trunkline, so nothing was done.');
    }
    const held = cookieOf(headers.cookie, cookies.session);
    const session = held === null ? null : logins.find(held);
    const fields = method === 'POST' ? fieldsOf(request.body) : new Map<string, string>();
    if (fields === null) return sorry(400, 'Not understood', 'The form names something twice, so nothing was done.');

    if (path === '/approvals/login') return method === 'GET' ? openLogin(request, session) : login(request, fields);
    const id = approvalPath.exec(path)?.[1] ?? null;
    const isKnown = id !== null || ['/approvals', '/approvals/password', '/approvals/logout'].includes(path);
    if (!isKnown) return sorry(404, 'Nothing here', 'There is no such page.');
    const next = id ?? nextOf((method === 'GET' ? new URLSearchParams(request.query) : fields).get('next') ?? null);
    if (held === null || session === null) return askForLogin(request, next);
    const look = lookOf(session, held);
    if (method === 'POST' && !isFormToken(fields.get('token') ?? '', held, purposeOf(path, id))) {
      return sorry(403, 'Not from here', 'This was not sent from a page that Trunkline showed you in this login, so nothing was done.');
    }

    if (path === '/approvals/logout') return method === 'POST' ? logout(session) : redirect('/approvals');
    if (path === '/approvals/password')
      return method === 'POST'
        ? changePassword(request, look, session, { fields, next })
        : shown(200, passwordPage(look, { next, notice: null }));
    // A password that somebody else has seen shows nobody anything.
    if (session.person.mustChange) return redirect(withNext('/approvals/password', next));
    if (id === null) return method === 'GET' ? list(look, session) : sorry(405, 'Not that way', 'This page only shows.');
    return method === 'GET' ? show(look, session, id) : decide(look, session, id, fields);
  }

  function list(look: Look, { person }: Session): PageReply {
    const waiting = approvals.waiting();
    const own = waiting.filter((each) => mayDecideAbout(person.areas, capabilityOf(each.capability)?.area ?? null));
    const others = waiting.filter((each) => each.state === 'pending' && !own.includes(each)).length;
    return shown(200, listPage(look, own, others));
  }

  function show(look: Look, { person }: Session, id: string): PageReply {
    const approval = approvals.find(id);
    if (approval === null) return nothingOf(look, id);
    if (!mayDecideAbout(person.areas, capabilityOf(approval.capability)?.area ?? null)) return shown(403, notYours(look, approval));
    return shown(200, approvalPage(look, approval, null));
  }

  async function decide(look: Look, session: Session, id: string, fields: ReadonlyMap<string, string>): Promise<PageReply> {
    const verdict = verdictOf(fields.get('verdict'));
    if (verdict === null) return sorry(400, 'Not understood', 'The form says neither yes nor no, so nothing was done.');
    const { person } = session;
    const before = approvals.find(id);
    if (before === null) return nothingOf(look, id);
    if (!mayDecideAbout(person.areas, capabilityOf(before.capability)?.area ?? null)) return shown(403, notYours(look, before));
    try {
      const decision = { verdict, by: person.name, policy: policies.current(), fourEyes: eyes, areas: person.areas };
      const also = (): void => {
        if (!logins.holds(session)) throw new LoginEnded();
      };
      const reason = readReason(fields.get('reason') ?? '');
      await recordDecision(id, decision, { approvals, audit, random, surface: 'browser', reason, also });
      return redirect(`/approvals/${id}`);
    } catch (error) {
      if (error instanceof LoginEnded) return redirect(`/approvals/login?next=${id}`);
      if (!(error instanceof UsageError)) throw error;
      const now = approvals.find(id) ?? before;
      // A second tap on the same button has done what it was for.
      if (error.code === 'approval_decided' && isDone(now, verdict, person.name)) return redirect(`/approvals/${id}`);
      const notice: Notice = { kind: 'bad', text: `Nothing was changed. ${error.message}`, more: whatNow[error.code] ?? '' };
      return shown(statusOf(error.code), approvalPage(look, now, notice));
    }
  }

  function askForLogin({ method, path, headers }: PageRequest, next: string | null): PageReply {
    const login = withNext('/approvals/login', next);
    // With a link that was followed from another site, the browser keeps the cookie back. It sends it when our own page goes on.
    const isFromElsewhere = headers.site === 'cross-site' || headers.site === 'same-site';
    return method === 'GET' && isFromElsewhere ? shown(200, againPage(nobody(), path)) : redirect(login);
  }

  function openLogin({ query, headers }: PageRequest, session: Session | null): PageReply {
    const asked = new URLSearchParams(query);
    const next = nextOf(asked.get('next'));
    if (session !== null) return redirect(next === null ? '/approvals' : `/approvals/${next}`);
    const held = cookieOf(headers.cookie, cookies.form);
    // Only we can say so, and only to the browser it is true for.
    const isChanged = isHeld(held) && isFormToken(asked.get('changed') ?? '', held, 'changed');
    const notice: Notice | null = isChanged ? { kind: 'good', text: 'Your password was changed.', more: 'Log in with the new one.' } : null;
    return loginForm(200, { next, name: '', notice, held });
  }

  async function login({ headers, ip }: PageRequest, fields: ReadonlyMap<string, string>): Promise<PageReply> {
    const held = cookieOf(headers.cookie, cookies.form);
    const next = nextOf(fields.get('next') ?? null);
    const name = (fields.get('name') ?? '').slice(0, 100);
    const password = fields.get('password') ?? '';
    if (!isHeld(held) || !isFormToken(fields.get('token') ?? '', held, 'login')) {
      const notice: Notice = {
        kind: 'bad',
        text: 'The page stood open for too long, or the browser keeps no cookies.',
        more: 'Nobody was logged in. Try again.',
      };
      return loginForm(403, { next, name, notice, held: null });
    }
    const result = await logins.login({ name, password, ip });
    switch (result.kind) {
      case 'done': {
        // Whatever the browser held before means nothing any more: a login is always a new one.
        const cookie = setCookie(cookies.session, result.token.reveal(), sessionMs / 1000);
        const isFirst = result.session.person.mustChange;
        const to = isFirst ? withNext('/approvals/password', next) : next === null ? '/approvals' : `/approvals/${next}`;
        return redirect(to, [cookie, setCookie(cookies.form, '', 0)]);
      }
      case 'refused': {
        const notice: Notice = { kind: 'bad', text: 'Name or password is wrong.', more: 'After a few wrong ones you have to wait.' };
        return loginForm(403, { next, name, notice, held });
      }
      case 'wait': {
        const minutes = Math.ceil(result.waitMs / 60_000);
        const when = result.waitMs < 60_000 ? 'in a moment' : `in ${minutes} minute${minutes === 1 ? '' : 's'}`;
        const notice: Notice = {
          kind: 'warn',
          text: `Too many attempts. Try again ${when}.`,
          more: fourEyes ? 'What waits can be refused at the command line, too.' : 'What waits can be decided at the command line, too.',
        };
        const reply = loginForm(429, { next, name, notice, held });
        return { ...reply, headers: { ...reply.headers, 'retry-after': String(Math.ceil(result.waitMs / 1000)) } };
      }
    }
  }

  async function logout(session: Session): Promise<PageReply> {
    await logins.logout(session);
    return redirect('/approvals/login', [setCookie(cookies.session, '', 0)]);
  }

  async function changePassword(
    { ip }: PageRequest,
    look: Look,
    { person }: Session,
    { fields, next }: { readonly fields: ReadonlyMap<string, string>; readonly next: string | null },
  ): Promise<PageReply> {
    const again = (status: number, text: string, more?: string): PageReply => {
      const notice: Notice = { kind: 'bad', text: `${text} Nothing was changed.`, ...(more === undefined ? {} : { more }) };
      return shown(status, passwordPage(look, { next, notice }));
    };
    const chosen = fields.get('chosen') ?? '';
    if (chosen !== fields.get('again')) return again(400, 'The new password was not typed twice alike.');
    // Asked for once more, and counted as any other attempt: a browser left open does not give the password away.
    const result = await logins.login({ name: person.name, password: fields.get('current') ?? '', ip });
    if (result.kind === 'wait') return again(429, 'Too many attempts: wait some minutes.');
    if (result.kind === 'refused') return again(403, 'The password now is another one.');
    try {
      await people.choosePassword(person.name, chosen, 'browser');
    } catch (error) {
      await logins.logout(result.session);
      if (!(error instanceof UsageError)) throw error;
      return again(400, error.message, error.hint ?? undefined);
    }
    const held = random(32).toString('base64url');
    const login = `/approvals/login?${next === null ? '' : `next=${next}&`}changed=${formToken(held, 'changed')}`;
    return redirect(login, [setCookie(cookies.session, '', 0), setCookie(cookies.form, held, formSeconds)]);
  }

  function loginForm(
    status: number,
    facts: { readonly next: string | null; readonly name: string; readonly notice: Notice | null; readonly held: string | null },
  ): PageReply {
    const { next, name, notice } = facts;
    const held = isHeld(facts.held) ? facts.held : random(32).toString('base64url');
    const content = loginPage({ look: nobody(), formToken: formToken(held, 'login'), next, name, notice });
    return shown(status, content, [setCookie(cookies.form, held, formSeconds)]);
  }

  function setCookie(name: string, value: string, seconds: number): string {
    return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Strict${isSecure ? '; Secure' : ''}`;
  }

  /** Browsers say of every form from where it was sent. What does not say so was sent by none. */
  function isFromHere({ origin, site }: PageRequest['headers']): boolean {
    return origin !== undefined && origins.includes(origin) && (site === undefined || site === 'same-origin');
  }

  function lookOf({ person }: Session, held: string): Look {
    const viewer = { person, formToken: (purpose: string) => formToken(held, purpose) };
    return { nowMs: clock.now(), policy: policies.current(), viewer };
  }

  function nobody(): Look {
    return { nowMs: clock.now(), policy: null, viewer: null };
  }
}

/** The person's login ended while the decision was written. Never leaves this file. */
class LoginEnded extends UsageError {
  constructor() {
    super({ code: 'login_ended', message: 'The login has ended.', hint: 'Log in again.' });
  }
}

/** By the codes of what stands in the way: what whoever looks at the page can do. */
const whatNow: Readonly<Record<string, string>> = {
  approver_not_allowed: 'Ask a colleague.',
  owner_unknown:
    'Ask whoever runs Trunkline to say which person answers for the agent: trunkline agents set NAME --owner "Olga Stein". The agent can ask again then.',
  approval_outdated: 'The agent can ask again, under the present rules.',
  approval_unreadable: 'Refuse it, or let it expire. The agent can ask again.',
  reason: 'Say why in one sentence, or leave it out.',
};

function statusOf(code: string): number {
  switch (code) {
    case 'approver_not_allowed':
    case 'owner_unknown':
      return 403;
    case 'reason':
      return 400;
    default:
      return 409;
  }
}

function isDone({ state, decidedBy }: Approval, verdict: Verdict, name: string): boolean {
  const states: readonly Approval['state'][] = verdict === 'approve' ? ['approved', 'used'] : ['refused'];
  return decidedBy === name && states.includes(state);
}

function purposeOf(path: string, id: string | null): string {
  return id === null ? path.slice('/approvals/'.length) : `decide ${id}`;
}

function verdictOf(text: string | undefined): Verdict | null {
  return text === 'approve' || text === 'refuse' ? text : null;
}

/** Only to an approval, so that no link leads anywhere else. */
function nextOf(text: string | null): string | null {
  return text !== null && approvalPath.test(`/approvals/${text}`) ? text : null;
}

function withNext(path: string, next: string | null): string {
  return next === null ? path : `${path}?next=${next}`;
}

function isHeld(held: string | null): held is string {
  return held !== null && /^[A-Za-z0-9_-]{43}$/.test(held);
}

function notYours(look: Look, { id, capability }: Approval): Html {
  const area = capabilityOf(capability)?.area ?? null;
  return notYoursPage(look, id, area);
}

function nothingOf(look: Look, id: string): PageReply {
  const notice: Notice = {
    kind: 'warn',
    text: `There is no request ${id}.`,
    more: 'Old ones are not kept for ever; what became of them stands in the log.',
  };
  return shown(404, messagePage(look, 'Nothing here', notice, { href: '/approvals', text: 'What waits for you' }));
}

/** A page for whoever it may be, also where nothing can be read. */
function sorry(status: number, title: string, text: string): PageReply {
  return shown(status, sorryPage(title, text));
}

function shown(status: number, content: Html, cookies: readonly string[] = []): PageReply {
  return { status, headers: { ...commonHeaders, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) }, body: content.text };
}

function redirect(to: string, cookies: readonly string[] = []): PageReply {
  return { status: 303, headers: { ...commonHeaders, location: to, ...(cookies.length === 0 ? {} : { 'set-cookie': cookies }) }, body: '' };
}
