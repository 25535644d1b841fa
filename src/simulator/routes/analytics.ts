// Report exports: asked for, computed for a while, then ready for download or failed.
import type { Company } from '../company/company.ts';
import type { ReportExport } from '../company/side-records.ts';
import { isObject } from '../../base/index.ts';
import type { Handler } from '../http/exchange.ts';
import { jsonAnswer } from '../http/message.ts';
import { notFound } from '../http/refusals.ts';
import { uuid } from '../random.ts';

const computesForMs = 30_000;
const linkLifeMs = 3_600_000;

export const createExport: Handler = ({ company, body, switches }) => {
  const input = isObject(body['input']) ? body['input'] : {};
  const options = isObject(input['exportOptions']) ? input['exportOptions'] : {};
  const name = typeof options['exportName'] === 'string' ? options['exportName'] : null;
  const nowMs = company.nowMs();
  const report: ReportExport = {
    id: uuid(company.random(63, company.side.nextId())),
    createdAtMs: nowMs,
    readyAtMs: nowMs + computesForMs,
    name,
    willFail: name?.includes('fail') === true,
  };
  company.side.exports.set(report.id, report);
  company.agenda.add(Math.ceil(report.readyAtMs / 1000), () => {
    company.events.announce(report.willFail ? 'analytics.report_failed' : 'analytics.report_created', exportJson(report, company));
  });
  return jsonAnswer(switches.exportStatus === 'status200' ? 200 : 202, exportJson(report, company));
};

export const retrieveExport: Handler = ({ company, at }) => {
  const report = company.side.exports.get(at['id'] ?? '');
  return report === undefined ? notFound() : jsonAnswer(200, exportJson(report, company));
};

function exportJson(report: ReportExport, company: Company): string {
  const isOver = company.nowMs() >= report.readyAtMs;
  const isReady = isOver && !report.willFail;
  return JSON.stringify({
    exportID: report.id,
    createdAt: new Date(report.createdAtMs).toISOString(),
    status: isOver ? (report.willFail ? 'FAILED' : 'COMPLETED') : 'PENDING',
    format: 'CSV',
    exportName: report.name,
    isZipCompressed: false,
    downloadUrl: isReady ? `https://storage.example.test/exports/${report.id}.csv?X-Amz-Expires=3600` : null,
    downloadUrlExpiresAt: isReady ? new Date(report.readyAtMs + linkLifeMs).toISOString() : null,
    errorMessage: isOver && report.willFail ? 'The report could not be computed' : null,
  });
}
