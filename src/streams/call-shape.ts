// What of a call is stored. Signed links are not: they are credentials that die within the hour. Whether there is a
// recording or a voicemail is said by two columns of our own.
import { call, field } from '../aircall/index.ts';
import type { UnknownRecord } from '../base/index.ts';
import type { Shape } from '../rows/index.ts';
import { secondsOf } from './time-lister.ts';

/** Aircall may take this long to store a recording after the call. */
const storedWithinSeconds = 24 * 3600;

export const callShape: Shape = {
  table: 'calls',
  key: 'id',
  fields: call.fields,
  // The embedded number differs from the number itself; its greetings belong to the numbers table.
  omit: ['number.messages'],
  only: { contact: ['id', 'first_name', 'last_name', 'company_name'] },
  // Choices in menus are listed for about two months; the others may not have been asked for. None is ever taken back.
  lasting: ['conference_participants', 'ivr_options_selected', 'ai_voice_agents'],
  derived: {
    fields: {
      has_recording: field.boolean('True when a recording was seen, false when none was there a day after the end, else null.', {
        nullable: true,
      }),
      has_voicemail: field.boolean('True when a voicemail was seen, false when none was there a day after the end, else null.', {
        nullable: true,
      }),
    },
    from(record, { observedAtMs }) {
      const endedAt = secondsOf(record['ended_at']);
      const settled = endedAt !== null && observedAtMs / 1000 > endedAt + storedWithinSeconds;
      return {
        has_recording: seen(record, ['recording', 'recording_short_url'], '/recording') || (settled ? false : null),
        has_voicemail: seen(record, ['voicemail', 'voicemail_short_url'], '/voicemail') || (settled ? false : null),
      };
    },
  },
};

function seen(record: UnknownRecord, links: readonly string[], assetEnding: string): boolean {
  const { asset } = record;
  return (typeof asset === 'string' && asset.endsWith(assetEnding)) || links.some((name) => typeof record[name] === 'string');
}
