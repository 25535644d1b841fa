// Analytics: reports that Aircall computes in the background and offers for download.
import { endpoint } from '../endpoint.ts';
import { entity, field } from '../field.ts';
import type { EntityOf } from '../field.ts';

const reportNames = [
  'CALLS_HISTORY',
  'USER_STATUS_HISTORY',
  'USER_ACTIVITY_AVAILABILITY_BREAKDOWN',
  'USER_ACTIVITY_AVERAGE_AFTER_CALL_WORK_TIME_PER_USER',
  'USER_ACTIVITY_AVERAGE_INBOUND_IN_CALL_TIME_PER_USER',
  'USER_ACTIVITY_AVERAGE_OUTBOUND_IN_CALL_TIME_PER_USER',
  'USER_ACTIVITY_CALL_VOLUME_AND_TIME',
  'USER_ACTIVITY_CALLS_HANDLED',
  'USER_ACTIVITY_PERCENTAGE_OF_TIME_IN_EACH_STATUS',
  'USER_ACTIVITY_RINGING_ATTEMPTS_PER_USER',
  'USER_ACTIVITY_RINGING_ATTEMPTS',
  'USER_ACTIVITY_WORK_TIME_AND_AVAILABILITY',
] as const;

const relativePeriods = ['TODAY', 'YESTERDAY', 'THIS_WEEK', 'LAST_WEEK', 'THIS_MONTH', 'LAST_MONTH'] as const;

export const reportExport = entity({
  name: 'report_export',
  meaning: 'A report being computed, or ready for download.',
  key: 'exportID',
  fields: {
    exportID: field.text('Identifies the export.', { form: 'token' }),
    createdAt: field.moment('iso', 'When it was asked for.'),
    status: field.text('How far it is.', { values: ['PENDING', 'COMPLETED', 'FAILED'] }),
    format: field.text('The format of the file.', { values: ['CSV'] }),
    exportName: field.text('The name it was given.', { nullable: true, class: 'freetext' }),
    isZipCompressed: field.boolean('Whether the file is zipped.', { nullable: true }),
    // The file holds everything of everyone, and no agent’s limits reach into it.
    downloadUrl: field.text('Signed link to the file.', { nullable: true, class: 'media', agentClass: 'secret' }),
    downloadUrlExpiresAt: field.moment('iso', 'Until when the link works.', { nullable: true }),
    errorMessage: field.text('Why it failed.', { nullable: true, class: 'freetext' }),
  },
});
export type ReportExport = EntityOf<typeof reportExport>;

const product = 'Analytics+';

export const analytics = {
  createExport: endpoint({
    id: 'analytics.createExport',
    title: 'Ask for a report',
    area: 'analytics',
    method: 'POST',
    path: '/v1/analytics/report/export',
    effect: 'add',
    agents: { kind: 'resource', deed: { present: 'ask for a report', past: 'asked for a report' } },
    body: {
      input: {
        type: 'object',
        required: true,
        fields: {
          reportName: { type: 'text', required: true, values: reportNames, meaning: 'Which report.' },
          filter: {
            type: 'object',
            fields: {
              dateFilter: {
                type: 'object',
                fields: {
                  relative: { type: 'text', values: relativePeriods, oneOf: 'period', meaning: 'A period named from today.' },
                  absoluteRange: {
                    type: 'object',
                    oneOf: 'period',
                    fields: {
                      fromDate: { type: 'text', required: true, format: 'iso-date', meaning: 'First day, ISO-8601.' },
                      toDate: { type: 'text', required: true, format: 'iso-date', meaning: 'Last day, ISO-8601.' },
                    },
                    meaning: 'A period by its days.',
                  },
                },
                meaning: 'Which period.',
              },
              timezone: { type: 'text', format: 'iana-time-zone', meaning: 'The time zone days are counted in.' },
            },
            meaning: 'What to include. Takes more keys than those described.',
          },
          options: {
            type: 'object',
            fields: { dateBreakdown: { type: 'text', format: 'token', meaning: 'How to split the period.' } },
            meaning: 'How to compute. Takes more keys than those described.',
          },
          exportOptions: {
            type: 'object',
            fields: {
              format: { type: 'text', values: ['CSV'], meaning: 'The format of the file.' },
              exportName: { type: 'text', class: 'freetext', meaning: 'A name for the export.' },
            },
            meaning: 'What to make of it.',
          },
        },
        meaning: 'What to compute.',
      },
    },
    answer: { envelope: 'bare', of: reportExport },
    status: 200,
    statusUnconfirmed: true,
    event: 'analytics.report_created',
    product,
  }),
  retrieveExport: endpoint({
    id: 'analytics.retrieveExport',
    title: 'Retrieve a report',
    area: 'analytics',
    method: 'GET',
    path: '/v1/analytics/report/export/:id',
    effect: 'read',
    agents: { kind: 'resource', deed: { present: 'read report {id}', past: 'read report {id}' } },
    at: { id: { type: 'text', required: true, format: 'token', names: 'report_export', meaning: 'The export.' } },
    answer: { envelope: 'bare', of: reportExport },
    status: 200,
    product,
    quirks: ['Ready when its status says so, or when analytics.report_created or analytics.report_failed arrives.'],
  }),
} as const;
