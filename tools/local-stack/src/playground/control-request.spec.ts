import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeRequest, type ControlRequest } from './control-request.ts';

const secrets = { host: '127.0.0.1:8088', key: 'the key of this run' };
const ours: ControlRequest = {
  method: 'POST',
  path: '/control/tokens',
  host: secrets.host,
  origin: `http://${secrets.host}`,
  fetchSite: 'same-origin',
  key: secrets.key,
};
const judge = (change: Partial<ControlRequest> = {}) => judgeRequest({ ...ours, ...change }, secrets);

describe('a request to the control server', () => {
  it.each([
    [{}, { do: 'make token' }],
    [{ method: 'GET', path: '/control/apps', origin: undefined }, { do: 'list apps' }],
    [{ path: '/control/apps/ws-gateway-1/kill' }, { do: 'act', app: 'ws-gateway-1', verb: 'kill' }],
    [{ path: '/control/apps/message-persister/stop' }, { do: 'act', app: 'message-persister', verb: 'stop' }],
    [{ method: 'GET', path: '/', key: undefined, fetchSite: 'none', origin: undefined }, { do: 'serve page' }],
    [{ method: 'GET', path: '/assets/x.js', key: undefined, fetchSite: undefined }, { do: 'serve page' }],
  ])('of the page is done: %o', (change, task) => {
    expect(judge(change)).toEqual(task);
  });

  it.each([
    ['under another name, that of a rebound one', { host: 'evil.example:8088' }, 'WRONG_HOST'],
    ['under another name of this machine', { host: 'localhost:8088' }, 'WRONG_HOST'],
    ['without a name', { host: undefined }, 'WRONG_HOST'],
    ['for the page, under another name', { method: 'GET', path: '/', host: 'evil.example' }, 'WRONG_HOST'],
    ['from another page', { origin: 'https://evil.example' }, 'WRONG_ORIGIN'],
    ['from a page without an origin', { origin: 'null' }, 'WRONG_ORIGIN'],
    ['from another port of this machine', { origin: 'http://127.0.0.1:8080' }, 'WRONG_ORIGIN'],
    ['of another site that hides its origin', { origin: undefined, fetchSite: 'cross-site' }, 'WRONG_ORIGIN'],
    ['by a form or a link', { origin: undefined, fetchSite: 'none' }, 'WRONG_ORIGIN'],
    ['without the key', { key: undefined }, 'WRONG_KEY'],
    ['with a key of the same length', { key: 'the key of this ruN' }, 'WRONG_KEY'],
    ['for what is only changed by POST', { method: 'GET' }, 'NOT_FOUND'],
    ['for something else that one could do', { path: '/control/apps/ws-gateway-1/freeze' }, 'NOT_FOUND'],
    ['that writes to the page', { path: '/index.html' }, 'METHOD_NOT_ALLOWED'],
  ])('is refused %s', (_, change, code) => {
    expect(judge(change)).toMatchObject({ do: 'refuse', code });
  });

  it('does nothing without host, origin and key, whatever else it says', () => {
    const text = fc.option(fc.string(), { nil: undefined });
    const request = fc.record({
      method: fc.constantFrom('GET', 'POST', 'PUT', 'OPTIONS'),
      path: fc.string().map((rest) => `/control/${rest}`),
      host: fc.oneof(text, fc.constant(ours.host)),
      origin: fc.oneof(text, fc.constant(ours.origin)),
      fetchSite: fc.oneof(text, fc.constant('same-origin')),
      key: text,
    });
    fc.assert(fc.property(request, (asked) => judgeRequest(asked, secrets).do === 'refuse'));
  });
});
