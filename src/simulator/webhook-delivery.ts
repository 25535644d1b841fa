// Sends the company's events to its webhooks, at least once and in no promised order, and switches off what keeps failing.
//
//   event ──► queue of each subscribed webhook ──► POST ──2xx──► done
//                          ▲                        │
//                          └──── later ◄── failed ──┘  too often: active = false, retried for 12 h, on again with a success
import { setMaxListeners } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { throwIfAborted } from '../base/index.ts';
import type { Clock } from '../base/index.ts';
import { changeWebhook } from './company/change-directory.ts';
import type { Company } from './company/company.ts';
import type { CompanyEvent } from './company/event-log.ts';
import type { WebhookState } from './company/state.ts';

/** One HTTP attempt to tell of an event. */
export type DeliveryAttempt = {
  readonly webhookId: string;
  readonly event: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** The status answered, or 0 when there was no answer in time. */
  readonly status: number;
};

const answerWithinMs = 5_000;
const retriesOfOneEvent = 50;
const longestPauseMs = 600_000;
const evenPauseMs = 30_000;
const retriedAfterDisablingMs = 12 * 3_600_000;

export class WebhookDelivery {
  readonly attempts: DeliveryAttempt[] = [];
  readonly #company: Company;
  readonly #clock: Clock;
  readonly #closing = new AbortController();
  readonly #failures = new Map<string, number>();
  readonly #disabledAtMs = new Map<string, number>();
  /** Events that came while a webhook was off. */
  readonly #held = new Map<string, CompanyEvent[]>();
  readonly #running = new Set<Promise<void>>();
  readonly #posts = new Set<Promise<number>>();
  readonly #stopListening: () => void;

  constructor(company: Company, clock: Clock) {
    this.#company = company;
    this.#clock = clock;
    // Every delivery on its way waits for this signal.
    setMaxListeners(0, this.#closing.signal);
    this.#stopListening = company.events.listen((event) => this.#dispatch(event));
  }

  /** Resolves once no attempt is on its way. What waits for another try does not count. */
  async quiet(): Promise<void> {
    do {
      await Promise.allSettled(this.#posts);
      await nextTurn();
    } while (this.#posts.size > 0);
  }

  async close(): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    await Promise.all(this.#running);
  }

  #dispatch(event: CompanyEvent): void {
    for (const webhook of this.#company.webhooks.list()) {
      if (!webhook.events.includes(event.name)) continue;
      if (webhook.active) this.#start(webhook, event);
      else if (this.#company.switches.eventsWhileDisabled === 'kept') this.#hold(webhook, event);
    }
  }

  #hold(webhook: WebhookState, event: CompanyEvent): void {
    this.#held.set(webhook.webhookId, [...(this.#held.get(webhook.webhookId) ?? []), event]);
  }

  #start(webhook: WebhookState, event: CompanyEvent): void {
    const running = this.#deliver(webhook.webhookId, event)
      // Closing ends the waits of everything on its way.
      .catch(() => undefined)
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  async #deliver(webhookId: string, event: CompanyEvent): Promise<void> {
    for (let attempt = 1; attempt <= 1 + retriesOfOneEvent; attempt += 1) {
      throwIfAborted(this.#closing.signal);
      const webhook = this.#company.webhooks.get(webhookId);
      if (webhook === undefined || this.#isGivenUp(webhook)) return;
      const status = await this.#track(this.#post(webhook, event));
      this.attempts.push({ webhookId, event: event.name, attempt, status });
      if (status >= 200 && status < 300) {
        this.#succeeded(webhook);
        return;
      }
      this.#failed(webhook, attempt);
      await this.#clock.sleep(this.#pauseMs(attempt), this.#closing.signal);
    }
  }

  #track(post: Promise<number>): Promise<number> {
    this.#posts.add(post);
    return post.finally(() => this.#posts.delete(post));
  }

  /** 0 when no answer came in time, or none at all. */
  async #post(webhook: WebhookState, event: CompanyEvent): Promise<number> {
    const { name, resource, timestamp, data } = event;
    const head = JSON.stringify({ resource, event: name, timestamp, token: webhook.token });
    try {
      const response = await fetch(webhook.url, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: `${head.slice(0, -1)},"data":${data}}`,
        redirect: this.#company.switches.redirects === 'followed' ? 'follow' : 'manual',
        signal: AbortSignal.any([this.#closing.signal, AbortSignal.timeout(answerWithinMs)]),
      });
      await response.body?.cancel();
      return response.status;
    } catch {
      throwIfAborted(this.#closing.signal);
      return 0;
    }
  }

  #succeeded(webhook: WebhookState): void {
    this.#failures.set(webhook.webhookId, 0);
    this.#disabledAtMs.delete(webhook.webhookId);
    if (!webhook.active) changeWebhook(this.#company, webhook.webhookId, { active: true });
    const held = this.#held.get(webhook.webhookId) ?? [];
    this.#held.delete(webhook.webhookId);
    for (const event of held) this.#start(webhook, event);
  }

  #failed(webhook: WebhookState, attempt: number): void {
    const failures = (this.#failures.get(webhook.webhookId) ?? 0) + 1;
    this.#failures.set(webhook.webhookId, failures);
    const { disabledAfter } = this.#company.switches;
    const isTooMuch = disabledAfter === 'ten' ? failures >= 10 : (disabledAfter === 'fiftyConsecutive' ? failures : attempt) >= 50;
    if (!isTooMuch || !webhook.active) return;
    changeWebhook(this.#company, webhook.webhookId, { active: false });
    this.#disabledAtMs.set(webhook.webhookId, this.#company.nowMs());
  }

  /** Failed events go on being tried for half a day after the webhook was switched off. */
  #isGivenUp(webhook: WebhookState): boolean {
    const disabledAtMs = this.#disabledAtMs.get(webhook.webhookId);
    return !webhook.active && disabledAtMs !== undefined && this.#company.nowMs() > disabledAtMs + retriedAfterDisablingMs;
  }

  #pauseMs(attempt: number): number {
    return this.#company.switches.retrySpacing === 'even' ? evenPauseMs : Math.min(longestPauseMs, 1_000 * 2 ** (attempt - 1));
  }
}
