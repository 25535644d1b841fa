// List answers that are well-formed and wrong.
import { isObject } from '../../base/index.ts';
import type { Overrides } from '../company/state.ts';
import { exactJson, jsonText } from '../raw-json.ts';
import { bodyText } from './message.ts';
import type { ApiRequest, ApiResponse } from './message.ts';

type Apply = (request?: ApiRequest) => ApiResponse;

export function withTotal(answer: ApiResponse, change: (total: number) => number): ApiResponse {
  return edited(answer, (body) => {
    const { meta } = body;
    if (!isObject(meta) || typeof meta['total'] !== 'number') return body;
    return { ...body, meta: { ...meta, total: change(meta['total']) } };
  });
}

/** The rows of the page before, with the `meta` of the page asked for. */
export function repage(apply: Apply, request: ApiRequest): ApiResponse {
  const asked = apply();
  const query = new URLSearchParams(request.query);
  const page = Number(query.get('page') ?? 1);
  if (page < 2) return asked;
  query.set('page', String(page - 1));
  const before = apply({ ...request, query: query.toString() });
  const rows = exactJson(bodyText(before));
  return edited(asked, (body) => (isObject(rows) ? { ...rows, meta: body['meta'] } : body));
}

export function withPerPage(apply: Apply, request: ApiRequest, perPage: number): ApiResponse {
  const query = new URLSearchParams(request.query);
  query.set('per_page', String(perPage));
  return apply({ ...request, query: query.toString() });
}

/** Lays fields over every record of a list, or over the one record. */
export function withFields(answer: ApiResponse, fields: Overrides): ApiResponse {
  return edited(answer, (body) =>
    Object.fromEntries(
      Object.entries(body).map(([key, value]) => {
        if (Array.isArray(value)) return [key, value.map((row: unknown) => (isObject(row) ? { ...row, ...fields } : row))];
        return [key, isObject(value) && key !== 'meta' ? { ...value, ...fields } : value];
      }),
    ),
  );
}

function edited(answer: ApiResponse, edit: (body: Readonly<Record<string, unknown>>) => unknown): ApiResponse {
  if (answer.status !== 200 || answer.body === null) return answer;
  const body = exactJson(bodyText(answer));
  return isObject(body) ? { ...answer, body: jsonText(edit(body)) } : answer;
}
