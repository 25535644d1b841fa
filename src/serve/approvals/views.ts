// The pages themselves. Words of ours stand as they are; what agents and third parties wrote stands quoted, in a box of its own.
import { areaNames, capabilityOf, longestReason, shortestPassword, tellAreas } from '../../gateway/index.ts';
import type { Agent, Approval, Capability, GrantArea, Person, Policy } from '../../gateway/index.ts';
import { html, Html } from './html.ts';
import { pageStyle } from './page-style.ts';

export type Look = {
  readonly nowMs: number;
  /** Null before a login. */
  readonly policy: Policy | null;
  /** Who looks, and the proof in a form that it was sent from one of our pages; null before a login. */
  readonly viewer: { readonly person: Person; readonly formToken: (purpose: string) => string } | null;
};

export type Notice = { readonly kind: 'good' | 'warn' | 'bad'; readonly text: string | Html; readonly more?: string | Html };

export function loginPage(facts: {
  readonly look: Look;
  readonly formToken: string;
  readonly next: string | null;
  readonly name: string;
  readonly notice: Notice | null;
}): Html {
  const { look, formToken, next, name, notice } = facts;
  return page(
    'Log in',
    look,
    html`<div class="narrow">
      <h1>Log in to approve</h1>
      ${next === null ? null : html`<p>Then you see what ${next} asks for.</p>`} ${noticeOf(notice)}
      <form class="single" method="post" action="/approvals/login">
        <input type="hidden" name="token" value="${formToken}" />
        <input type="hidden" name="next" value="${next ?? ''}" />
        <label for="name">Your name</label>
        <input
          id="name"
          name="name"
          autocomplete="username"
          autocapitalize="words"
          spellcheck="false"
          maxlength="100"
          required
          value="${name}"
        />
        <label for="password">Password</label>
        <input id="password" name="password" type="password" autocomplete="current-password" maxlength="1000" required />
        <button class="yes">Log in</button>
      </form>
      <p class="soft">You were given a name and a first password by whoever runs Trunkline. Lost it? Ask there for a new one.</p>
    </div>`,
  );
}

export function passwordPage(look: Look, { next, notice }: { readonly next: string | null; readonly notice: Notice | null }): Html {
  const token = look.viewer?.formToken('password') ?? '';
  return page(
    'Choose a password',
    look,
    html`<div class="narrow">
      <h1>Choose a password</h1>
      ${
        look.viewer?.person.mustChange === true
          ? html`<p>Your password was made for you, so somebody else has seen it. Choose one that only you know.</p>`
          : null
      }
      ${next === null ? null : html`<p>Then you see what ${next} asks for.</p>`} ${noticeOf(notice)}
      <form class="single" method="post" action="/approvals/password">
        <input type="hidden" name="token" value="${token}" />
        <input type="hidden" name="next" value="${next ?? ''}" />
        <input type="text" name="username" autocomplete="username" readonly hidden value="${look.viewer?.person.name ?? ''}" />
        <label for="current">Password now</label>
        <input id="current" name="current" type="password" autocomplete="current-password" maxlength="1000" required />
        <label for="chosen">New password</label>
        <p class="hint" id="chosen-hint">At least ${shortestPassword} characters. A sentence is fine, spaces too.</p>
        <input
          id="chosen"
          name="chosen"
          type="password"
          autocomplete="new-password"
          maxlength="1000"
          required
          aria-describedby="chosen-hint"
        />
        <label for="again">New password again</label>
        <input id="again" name="again" type="password" autocomplete="new-password" maxlength="1000" required />
        <button class="yes">Change it</button>
      </form>
      <p class="soft">You are logged out everywhere then, and log in with the new one.</p>
    </div>`,
  );
}

/** @param listed what waits for the viewer, and what is outdated. */
export function listPage(look: Look, listed: readonly Approval[], others: number): Html {
  const waiting = listed.filter(({ state }) => state === 'pending').length;
  const count = waiting === 1 ? '1 request waits' : `${waiting} requests wait`;
  const area = look.viewer === null ? '' : tellAreas(look.viewer.person.areas);
  return page(
    'Waiting for approval',
    look,
    html`<h1>${waiting === 0 ? 'Nothing waits for you' : `${count} for you`}</h1>
      <p class="soft">
        You decide about ${area}.${others === 0 ? null : ` ${others === 1 ? '1 more waits' : `${others} more wait`} for others.`}
      </p>
      ${
        listed.length === 0
          ? html`<p>When an agent asks for something that only a person may allow, it stands here until somebody decides or it expires.</p>`
          : html`<ul class="list">
              ${listed.map((approval) => item(look, approval))}
            </ul>`
      }
      <p><a href="/approvals">Look again</a></p>`,
  );
}

function item(look: Look, approval: Approval): Html {
  const agent = agentOf(look.policy, approval.agentId);
  return html`<li class="card">
    <div class="row"><span class="id">${approval.id}</span>${chip(approval, look.nowMs)}</div>
    <h2><a href="/approvals/${approval.id}">${sentenceOf(approval)}</a></h2>
    <p class="soft">
      ${agent === null ? approval.agentId : `${agent.name}; ${agent.owner} answers for it`}. Asked ${ago(approval.askedAt, look.nowMs)}.
    </p>
  </li>`;
}

export function approvalPage(look: Look, approval: Approval, notice: Notice | null): Html {
  const { nowMs, policy } = look;
  const agent = agentOf(policy, approval.agentId);
  const capability = capabilityOf(approval.capability);
  const given = approval.request?.arguments ?? [];
  return page(
    `${approval.id}: ${stateWord(approval)}`,
    look,
    html`<p class="back"><a href="/approvals">All that waits</a></p>
      <h1>${approval.id} ${chip(approval, nowMs)}</h1>
      ${noticeOf(notice)} ${notice?.kind === 'good' ? null : outcome(look, approval)}
      <div class="card">
        <p class="sentence">${sentenceOf(approval)}</p>
        <dl>
          <dt>Agent</dt>
          <dd>${agent === null ? `${approval.agentId}, which is no agent any more` : agent.name}</dd>
          ${
            agent === null
              ? null
              : html`<dt>Answers for it</dt>
                  <dd>${agent.owner}</dd>
                  <dt>Is there for</dt>
                  <dd>${agent.purpose === '' ? 'nobody has said' : agent.purpose}</dd>`
          }
          <dt>Would use</dt>
          <dd>${capability === undefined ? approval.capability : `${capability.endpoint.title} (${areaNames[capability.area]})`}</dd>
          ${
            approval.request?.why == null
              ? null
              : html`<dt>Why a person</dt>
                  <dd>${plainly(approval.request.why)}</dd>`
          }
          <dt>Asked</dt>
          <dd>${ago(approval.askedAt, nowMs)}, ${moment(approval.askedAt)}</dd>
          <dt>${approval.state === 'expired' ? 'Expired' : 'Expires'}</dt>
          <dd>${approval.state === 'pending' ? `${left(approval.expiresAt, nowMs)}, ` : null}${moment(approval.expiresAt)}</dd>
        </dl>
      </div>
      <h2>What exactly would be sent</h2>
      ${
        approval.request === null
          ? html`<p>What was asked is not kept any more, or cannot be read with the gateway’s keys.</p>`
          : html`<p class="soft">
                Word for word what the agent sends to Aircall. It may hold text of strangers: nobody has checked it, and nothing in it is
                advice to you.
              </p>
              <div class="card">
                ${
                  given.length === 0
                    ? html`<p>Nothing beyond the request itself.</p>`
                    : html`<dl class="values">
                        ${given.map(
                          ({ name, value, cutCharacters }) =>
                            html`<div>
                              <dt><code>${name}</code></dt>
                              <dd>
                                <code>${value}</code>${
                                  cutCharacters === 0
                                    ? null
                                    : html`<p class="note warn">
                                        ${thousands(cutCharacters)} more characters are sent and not shown here.
                                      </p>`
                                }
                              </dd>
                            </div>`,
                        )}
                      </dl>`
                }
              </div>`
      }
      ${approval.state === 'pending' ? decision(look, approval, capability) : null}`,
  );
}

function decision(look: Look, { id }: Approval, capability: Capability | undefined): Html {
  return html`<h2>If you approve</h2>
    <p class="note ${capability === undefined || capability.effect !== 'read' ? 'warn' : ''}">${cannotBeUndone(capability)}</p>
    <p>The agent may then do exactly this, once, until it expires. With any other argument it has to ask again.</p>
    <form method="post" action="/approvals/${id}">
      <input type="hidden" name="token" value="${look.viewer?.formToken(`decide ${id}`) ?? ''}" />
      <label for="reason">Why (you may leave it out)</label>
      <p class="hint" id="reason-hint">Stands in the log with your name. No names or numbers of customers, please.</p>
      <textarea id="reason" name="reason" rows="2" maxlength="${longestReason}" aria-describedby="reason-hint"></textarea>
      <div class="choice">
        <button class="no" name="verdict" value="refuse">Refuse</button>
        <button class="yes" name="verdict" value="approve">Approve</button>
      </div>
    </form>`;
}

/** Of something the viewer may not decide about: not what it asks for. */
export function notYoursPage(look: Look, id: string, area: GrantArea | null): Html {
  const mine = look.viewer === null ? '' : ` You may decide about ${tellAreas(look.viewer.person.areas)}.`;
  const text = area === null ? `Nobody can decide about this.${mine}` : `This is about ${areaNames[area]}.${mine}`;
  return page(
    `${id}: not yours to decide`,
    look,
    html`<h1>${id} is not yours to decide</h1>
      ${noticeOf({ kind: 'warn', text, more: 'Ask whoever runs Trunkline who may decide about it.' })}
      <p><a href="/approvals">What waits for you</a></p>`,
  );
}

export function messagePage(look: Look, title: string, notice: Notice, link: { readonly href: string; readonly text: string }): Html {
  return page(
    title,
    look,
    html`<h1>${title}</h1>
      ${noticeOf(notice)}
      <p><a href="${link.href}">${link.text}</a></p>`,
  );
}

/** Where nothing can be shown, to whoever it may be. */
export function sorryPage(title: string, text: string): Html {
  const nobody: Look = { nowMs: 0, policy: null, viewer: null };
  return messagePage(nobody, title, { kind: 'bad', text }, { href: '/approvals', text: 'To the approvals' });
}

/**
 * A browser sends no cookie of ours with a link that was opened from elsewhere. From this page it goes on by itself, and does.
 */
export function againPage(look: Look, path: string): Html {
  return page(
    'One moment',
    look,
    html`<h1>One moment</h1>
      <p><a href="${path}">Go on to the approval</a></p>`,
    html`<meta http-equiv="refresh" content="0; url=${path}" />`,
  );
}

function page(title: string, look: Look, content: Html, head: Html | null = null): Html {
  const { viewer } = look;
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · Trunkline</title>
        <link rel="icon" href="data:," />
        ${head} ${new Html(`<style>${pageStyle}</style>`)}
      </head>
      <body>
        <a class="skip" href="#content">To the content</a>
        <header>
          <a class="home" href="/approvals">Approvals</a>
          ${
            viewer === null
              ? null
              : html`<span class="who"><a href="/approvals/password">${viewer.person.name}</a></span>
                  <form method="post" action="/approvals/logout">
                    <input type="hidden" name="token" value="${viewer.formToken('logout')}" />
                    <button>Log out</button>
                  </form>`
          }
        </header>
        <main id="content">${content}</main>
      </body>
    </html> `;
}

function noticeOf(notice: Notice | null): Html | null {
  if (notice === null) return null;
  return html`<div class="note ${notice.kind}" role="${notice.kind === 'good' ? 'status' : 'alert'}">
    <p><strong>${notice.text}</strong></p>
    ${notice.more === undefined ? null : html`<p>${notice.more}</p>`}
  </div>`;
}

/** What became of a request that does not wait any more. */
function outcome({ viewer }: Look, { state, decidedBy, decidedAt, expiresAt }: Approval): Html | null {
  const by = decidedBy === null ? 'Somebody' : decidedBy === viewer?.person.name ? 'You' : decidedBy;
  const at = decidedAt === null ? null : html` on ${moment(decidedAt)}`;
  switch (state) {
    case 'pending':
      return null;
    case 'approved':
      return noticeOf({
        kind: 'good',
        text: html`${by} approved it${at}.`,
        more: html`The agent can use that once, until ${moment(expiresAt)}.`,
      });
    case 'used':
      return noticeOf({
        kind: 'good',
        text: html`${by} approved it${at}, and the agent has used that.`,
        more: 'It cannot be used a second time.',
      });
    case 'refused':
      return noticeOf({ kind: 'warn', text: html`${by} refused it${at}.`, more: 'Nothing was sent.' });
    case 'expired':
      return noticeOf({
        kind: 'warn',
        text: html`It expired on ${moment(expiresAt)}.`,
        more:
          decidedBy === null
            ? 'Nobody decided in time. The agent can ask again.'
            : html`${by} had approved it; the agent did not use that in time.`,
      });
    case 'outdated':
      return noticeOf({
        kind: 'warn',
        text: 'The rules have changed since it was asked for.',
        more: html`${decidedBy === null ? 'Nobody can approve it any more.' : html`${by} had approved it; that is worth nothing now.`} The
        agent can ask again, under the present rules.`,
      });
  }
}

function cannotBeUndone(capability: Capability | undefined): string {
  switch (capability?.effect) {
    case 'delete':
      return 'This cannot be undone: what is deleted at Aircall is gone.';
    case 'live':
      return 'This cannot be undone: it happens at once, on live phone lines and in front of people.';
    case 'egress':
      return 'This cannot be undone: it sends something out, and what is sent cannot be called back.';
    case 'change':
      return 'This cannot be undone by itself: it replaces what stands at Aircall now, and Aircall keeps no earlier version.';
    case 'add':
      return 'It adds something at Aircall. Some of that, such as a comment on a call, cannot be taken away again.';
    case 'read':
      return 'It only reads: nothing changes at Aircall, and the agent sees what it may see of the answer.';
    case undefined:
      return 'What this does is not known here.';
  }
}

function chip(approval: Approval, nowMs: number): Html {
  const kind = { pending: '', approved: 'good', used: 'good', refused: 'bad', expired: 'over', outdated: 'over' }[approval.state];
  return html`<span class="chip ${kind}"
    >${approval.state === 'pending' ? `Expires ${left(approval.expiresAt, nowMs)}` : stateWord(approval)}</span
  >`;
}

function stateWord({ state }: Approval): string {
  return {
    pending: 'waits',
    approved: 'Approved',
    used: 'Approved and used',
    refused: 'Refused',
    expired: 'Expired',
    outdated: 'Outdated',
  }[state];
}

/** Our words; what could not be read has none. */
function sentenceOf({ request, capability }: Approval): string {
  return plainly(request?.sentence ?? `Something about ${capabilityOf(capability)?.endpoint.title ?? capability}`);
}

/** The names in it may hold no such characters. A text that hides or turns others shows that it did all the same. */
function plainly(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cn}\p{Cs}\p{Zl}\p{Zp}]/gu, '\ufffd');
}

function agentOf(policy: Policy | null, id: string): Agent | null {
  return policy !== null && Object.hasOwn(policy.agents, id) ? (policy.agents[id] ?? null) : null;
}

function left(expiresAt: string, nowMs: number): string {
  const seconds = Math.max(0, Math.round((Date.parse(expiresAt) - nowMs) / 1000));
  return seconds < 90 ? `in ${seconds} s` : `in ${Math.round(seconds / 60)} min`;
}

function ago(at: string, nowMs: number): string {
  const minutes = Math.floor((nowMs - Date.parse(at)) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 90) return `${minutes} min ago`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} hours ago` : `${Math.round(minutes / 1440)} days ago`;
}

function moment(at: string): Html {
  return html`<time class="at" datetime="${at}">${at.slice(0, 10)} ${at.slice(11, 16)} UTC</time>`;
}

function thousands(count: number): string {
  return count.toLocaleString('en');
}
