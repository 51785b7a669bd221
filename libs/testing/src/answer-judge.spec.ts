import { describe, expect, it } from 'vitest';
import { createAnswerJudge, type HttpExchange } from './answer-judge.ts';

const json = (schema: object) => ({ content: { 'application/json': { schema } } });
const thing = { $ref: '#/components/schemas/Thing' };
const kind = { type: 'string', anyOf: [{ enum: ['OLD'] }, { pattern: '^[A-Z]+$' }] };
const document = {
  paths: {
    '/api/v1/things': { post: { responses: { 201: { headers: { Location: { required: true } }, ...json(thing) } } } },
    '/api/v1/things/{id}': { get: { responses: { 200: json(thing) } }, delete: { responses: { 204: {} } } },
    '/api/v1/things/own': { get: { responses: { 200: json({ type: 'array', items: thing }) } } },
  },
  components: {
    schemas: { Thing: { type: 'object', required: ['id'], properties: { id: { type: 'integer' }, kind } } },
  },
};
const judge = createAnswerJudge(document);
const HEADERS = { 'content-type': 'application/json; charset=utf-8' };
const exchange = (
  more: Partial<Omit<HttpExchange, 'headers'>> & { headers?: Record<string, string> },
): HttpExchange => ({
  ...{ method: 'GET', path: '/api/v1/things/7?x=1', status: 200, body: { id: 7 } },
  ...more,
  headers: new Headers(more.headers ?? HEADERS),
});

describe('the judge of answers', () => {
  it.each([
    ['what the document has', {}],
    ['the same to HEAD, without a body', { method: 'HEAD', body: null }],
    ['a fixed path before one with a parameter', { path: '/api/v1/things/own', body: [{ id: 7 }] }],
    ['no body where there is none', { method: 'DELETE', status: 204, body: null }],
    [
      'a header that is due',
      { method: 'POST', path: '/api/v1/things', status: 201, headers: { ...HEADERS, location: '/' } },
    ],
    ['a known value of an open set', { body: { id: 7, kind: 'OLD' } }],
    ['nothing at an address', { path: '/api/v1/nothing', status: 404, body: { code: 'NOT_FOUND' } }],
    ['the same of HEAD, without a body', { method: 'HEAD', path: '/api/v1/nothing', status: 404, body: null }],
    ['a method that is not answered', { method: 'PUT', status: 405, headers: { allow: 'GET' } }],
    ['a method that is not let in', { method: 'PUT', status: 403 }],
    ['an address that cannot be read', { path: '/api/v1/things/%ff/parts', status: 400, body: {} }],
    ['what lies elsewhere', { path: '/metrics', body: 'text' }],
  ])('takes %s', (_, more) => {
    expect(() => judge(exchange(more))).not.toThrow();
  });

  it.each([
    ['another status', { status: 202 }, 'a status'],
    ['a field that is not named', { body: { id: 7, more: 1 } }, 'unevaluated'],
    ['a field that is missing', { body: {} }, "required property 'id'"],
    ['a body where there is none', { method: 'DELETE', status: 204 }, 'a body'],
    ['a value of an open set that is not known', { body: { id: 7, kind: 'NEW' } }, 'allowed values'],
    ['another type', { headers: { 'content-type': 'text/plain' } }, 'the type text/plain'],
    ['a header that is missing', { method: 'POST', path: '/api/v1/things', status: 201 }, 'no header Location'],
    ['an address that is not there', { path: '/api/v1/nothing' }, 'an address'],
    ['a 400 at one that can be read', { path: '/api/v1/things/%41/parts', status: 400 }, 'an address'],
    ['a method that is not there', { method: 'PUT' }, 'an address'],
  ])('refuses %s', (_, more, words) => {
    expect(() => judge(exchange(more))).toThrow(words);
  });
});
