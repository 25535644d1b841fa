// Bodies of answers that something went wrong: the known families, and what proxies say.
import { jsonAnswer } from './message.ts';
import type { ApiResponse } from './message.ts';
import { reasonOf, refused, refusedAtEdge, refusedByContent, refusedByQuery } from './refusals.ts';

/** `empty` is an empty JSON object, `nothing` a body of no bytes. */
export type FaultBody = 'application' | 'coded' | 'stated' | 'edge' | 'html' | 'empty' | 'nothing';

export function refusalOf(status: number, body: FaultBody): ApiResponse {
  switch (body) {
    case 'application':
      return refused(status, 'Something went wrong, please try again later');
    case 'coded':
      return { ...refusedByQuery('Something went wrong, please try again later'), status };
    case 'stated':
      return refusedByContent({ base: ['Something went wrong'] }, status);
    case 'edge':
      return refusedAtEdge(status, status);
    case 'empty':
      return jsonAnswer(status, '{}');
    case 'nothing':
      return { status, headers: { 'content-type': 'application/json; charset=utf-8' }, body: '' };
    case 'html':
      return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: htmlPage(status) };
  }
}

function htmlPage(status: number): string {
  const title = status === 200 ? 'Just a moment…' : `${status} ${reasonOf(status)}`;
  return `<!DOCTYPE html>\n<html><head><title>${title}</title></head><body><center><h1>${title}</h1></center><hr></body></html>\n`;
}
