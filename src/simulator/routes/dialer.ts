// Dialer campaigns: a queue of phone numbers for one user.
import type { Campaign, CampaignEntry } from '../company/side-records.ts';
import type { UserState } from '../company/state.ts';
import type { Exchange, Handler } from '../http/exchange.ts';
import { emptyAnswer, jsonAnswer } from '../http/message.ts';
import type { ApiResponse } from '../http/message.ts';
import { listAnswer, rowsOf } from '../http/pages.ts';
import { notFound, refusedByContent } from '../http/refusals.ts';
import { findUser } from './read-directory.ts';

export const retrieveCampaign: Handler = (exchange) => {
  const campaign = campaignOf(exchange);
  if (campaign === undefined) return notFound();
  const text = JSON.stringify({
    id: campaign.id,
    number_id: campaign.numberId === null ? null : String(campaign.numberId),
    created_at: new Date(campaign.createdAt * 1000).toISOString(),
    phone_numbers: campaign.entries.map(entryJson),
  });
  return jsonAnswer(200, exchange.switches.dialerCampaignEnvelope === 'wrapped' ? `{"dialer_campaign":${text}}` : text);
};

/** Creates the campaign, or adds to the one there is. */
export const createCampaign: Handler = (exchange) => {
  const user = findUser(exchange);
  return user === undefined ? notFound() : queue(exchange, user, campaignOf(exchange));
};

export const addCampaignNumbers: Handler = (exchange) => {
  const user = findUser(exchange);
  const campaign = campaignOf(exchange);
  return user === undefined || campaign === undefined ? notFound() : queue(exchange, user, campaign);
};

export const deleteCampaign: Handler = (exchange) => {
  const user = findUser(exchange);
  return user !== undefined && exchange.company.side.campaigns.delete(user.id) ? emptyAnswer() : notFound();
};

export const listCampaignNumbers: Handler = (exchange) => {
  const campaign = campaignOf(exchange);
  if (campaign === undefined) return notFound();
  return listAnswer(exchange, rowsOf(campaign.entries.map((entry) => JSON.stringify(entryJson(entry)))));
};

export const deleteCampaignNumber: Handler = (exchange) => {
  const { company, at } = exchange;
  const user = findUser(exchange);
  const campaign = campaignOf(exchange);
  const id = Number(at['phone_number_id']);
  if (user === undefined || campaign === undefined || !campaign.entries.some((entry) => entry.id === id)) return notFound();
  company.side.campaigns.set(user.id, { ...campaign, entries: campaign.entries.filter((entry) => entry.id !== id) });
  return emptyAnswer();
};

/** Numbers queued already are refused by name, and all others are added nevertheless. */
function queue({ company, body, switches }: Exchange, user: UserState, known: Campaign | undefined): ApiResponse {
  const { side } = company;
  const campaign = known ?? { id: side.nextId(), numberId: user.defaultNumberId, createdAt: company.now(), entries: [] };
  const waiting = new Set(campaign.entries.filter(({ called }) => !called).map(({ number }) => number));
  const refusedNumbers: string[] = [];
  const added: CampaignEntry[] = [];
  for (const number of body['phone_numbers'] as readonly string[]) {
    if (waiting.has(number)) refusedNumbers.push(number);
    else added.push({ id: side.nextId(), number, called: false, createdAt: company.now() });
    waiting.add(number);
  }
  side.campaigns.set(user.id, { ...campaign, entries: [...campaign.entries, ...added] });
  if (refusedNumbers.length > 0) {
    return refusedByContent({ dialer_campaign: refusedNumbers.map((number) => `${number} already imported, but not called`) });
  }
  return switches.dialerWriteStatus === 'status204' ? emptyAnswer() : jsonAnswer(201, '{}');
}

function campaignOf(exchange: Exchange): Campaign | undefined {
  const user = findUser(exchange);
  return user === undefined ? undefined : exchange.company.side.campaigns.get(user.id);
}

function entryJson({ id, number, called, createdAt }: CampaignEntry) {
  return { id, number, called, created_at: new Date(createdAt * 1000).toISOString() };
}
