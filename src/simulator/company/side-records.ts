// What a company has besides the records that can be listed: campaigns, messages, exports, calls of AI agents.

export type CampaignEntry = { readonly id: number; readonly number: string; readonly called: boolean; readonly createdAt: number };

export type Campaign = {
  readonly id: number;
  readonly numberId: number | null;
  readonly createdAt: number;
  readonly entries: readonly CampaignEntry[];
};

export type MessagingConfiguration = { readonly token: string; readonly callbackUrl: string | null; readonly type: string | null };

export type OutboundAiCall = {
  readonly id: string;
  readonly idempotencyKey: string;
  readonly agentId: string;
  readonly phone: string;
  readonly createdAt: number;
  readonly expiresAt: number;
};

export type ReportExport = {
  readonly id: string;
  readonly createdAtMs: number;
  readonly readyAtMs: number;
  readonly name: string | null;
  readonly willFail: boolean;
};

export type SmsTemplate = { readonly id: number; readonly name: string; readonly body: string };

export type WhatsappTemplate = {
  readonly id: string;
  readonly wabaId: string;
  readonly name: string;
  readonly category: string;
  readonly status: string;
  readonly language: string;
};

export class SideRecords {
  /** One a user at most, by the user's id. */
  readonly campaigns = new Map<number, Campaign>();
  /** By the number's id. */
  readonly messagingConfigurations = new Map<number, MessagingConfiguration>();
  /** By idempotency key. */
  readonly aiCalls = new Map<string, OutboundAiCall>();
  readonly exports = new Map<string, ReportExport>();
  /** Everything ever sent, oldest first, as the answers showed it. */
  readonly messages: unknown[] = [];
  /** Calls whose recording was deleted, and with it all that was made of it. */
  readonly erasedInsights = new Set<number>();
  /** Cards pushed to calls, by the call's id. */
  readonly insightCards = new Map<number, unknown[]>();
  readonly smsTemplates: readonly SmsTemplate[] = [
    { id: 1, name: 'Missed call', body: 'Sorry that we missed your call. We will call you back.' },
    { id: 2, name: 'Opening hours', body: 'We are open from Monday to Friday, 9 to 18.' },
    { id: 3, name: 'Thanks', body: 'Thank you for your call.' },
  ];
  readonly whatsappTemplates: readonly WhatsappTemplate[] = Array.from({ length: 7 }, (_, index) => ({
    id: `template-${index + 1}`,
    wabaId: 'waba-1',
    name: `template_${index + 1}`,
    category: index % 3 === 0 ? 'MARKETING' : 'UTILITY',
    status: index === 6 ? 'REJECTED' : 'APPROVED',
    language: index % 2 === 0 ? 'en' : 'fr',
  }));
  isIntegrationActive = true;
  #nextId = 9_000_001;

  nextId(): number {
    return this.#nextId++;
  }
}
