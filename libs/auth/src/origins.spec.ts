import fc from 'fast-check';
import { readConfig } from '@chat/service-kit';
import { describe, expect, it } from 'vitest';
import { isAllowedOrigin, isOrigin, originSettings, tokenParameterOf } from './origins.ts';

const PAGE = 'https://chat.example';
const allowed = new Set([PAGE]);

describe('an origin', () => {
  it.each(['http://127.0.0.1:8088', 'https://chat.example', 'http://[::1]:8080'])('is %s', (text) => {
    expect(isOrigin(text)).toBe(true);
  });

  it.each(['*', 'null', 'chat.example', 'https://chat.example/', 'https://chat.example:443', 'ws://chat.example', ''])(
    'is not "%s"',
    (text) => {
      expect(isOrigin(text)).toBe(false);
    },
  );
});

describe('the origins of an environment from before gateways looked at them', () => {
  it('are refused at the start: without the new name every page of another host would be shut out', () => {
    const given = { CORS_ORIGINS: PAGE };
    expect(() => readConfig(originSettings, given)).toThrow(/CORS_ORIGINS means nothing any more; set ALLOWED_ORIGINS/);
    expect(readConfig(originSettings, { ...given, ALLOWED_ORIGINS: PAGE })).toEqual({ allowedOrigins: [PAGE] });
  });
});

describe('a page', () => {
  it.each([
    [PAGE, 'ws.example'],
    ['https://ws.example', 'ws.example'],
    ['http://127.0.0.1:8081', '127.0.0.1:8081'],
    ['https://ws.example', 'WS.example'],
  ])('of %s may ask %s', (origin, host) => {
    expect(isAllowedOrigin({ origin, host }, allowed)).toBe(true);
  });

  it.each([
    [`${PAGE}/`],
    [`${PAGE}:443`],
    ['http://chat.example'],
    ['https://CHAT.example'],
    [`${PAGE}.evil`],
    [`https://evil.example?${PAGE}`],
    ['null'],
    ['*'],
    [''],
    ['http://ws.example:8081'],
    ['https://ws.example@evil.example'],
  ])('of %s may not ask ws.example', (origin) => {
    expect(isAllowedOrigin({ origin, host: 'ws.example' }, allowed)).toBe(false);
  });

  it('of whatever else may not, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.webUrl()), fc.option(fc.string(), { nil: undefined }), (origin, host) => {
        fc.pre(origin !== PAGE && !(isOrigin(origin) && new URL(origin).host === host?.toLowerCase()));
        expect(isAllowedOrigin({ origin, host }, allowed)).toBe(false);
      }),
    );
  });

  it('is not who says no origin', () => {
    expect(isAllowedOrigin({ origin: undefined, host: 'ws.example' }, new Set())).toBe(true);
  });
});

describe('an address', () => {
  it.each([
    ['/ws?token=x', 'token'],
    ['/ws?a=1&ACCESS_TOKEN=', 'ACCESS_TOKEN'],
    ['/ws?%74oken=x', 'token'],
    ['/ws?tokens=1', null],
    ['/ws?a=token', null],
    ['/token', null],
    ['/ws?', null],
    ['/ws?%', null],
  ])('%s carries a token in %s', (url, name) => {
    expect(tokenParameterOf(url)).toBe(name);
  });
});
