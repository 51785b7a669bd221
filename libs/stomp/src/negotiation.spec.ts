import { describe, expect, it } from 'vitest';
import { agreeHeartBeat, chooseSubProtocol, negotiateVersion, parseHeartBeat, type StompVersion } from './index.ts';

describe('negotiateVersion', () => {
  it.each<[string | undefined, StompVersion | null, StompVersion | null]>([
    ['1.0,1.1,2.0', null, '1.1'], // the example of 1.2, "Protocol Negotiation"
    ['1.2', null, '1.2'],
    ['1.2,1.0', null, '1.2'],
    ['1.0,1.1,1.2', null, '1.2'],
    ['1.1, 1.0', null, '1.1'],
    [undefined, null, '1.0'], // "If the accept-version header is missing, … the client only supports version 1.0"
    ['2.0', null, null],
    ['', null, null],
    ['1', null, null],
    ['1.20', null, null],
    ['1.0;1.1', null, null],
    ['1.0,1.1,1.2', '1.1', '1.1'],
    ['1.0,1.1', '1.2', null],
    [undefined, '1.0', '1.0'],
    [undefined, '1.2', null],
  ])('of accept-version %j under the sub-protocol of %j makes %j', (acceptVersion, subProtocol, version) => {
    expect(negotiateVersion(acceptVersion, subProtocol)).toBe(version);
  });
});

describe('chooseSubProtocol', () => {
  it.each([
    [['v10.stomp', 'v11.stomp', 'v12.stomp'], 'v12.stomp'],
    [['v10.stomp', 'chat', 'v11.stomp'], 'v11.stomp'],
    [['v10.stomp'], 'v10.stomp'],
    [['chat', 'V12.STOMP', 'v13.stomp'], null],
    [[], null],
  ])('of %j takes %j', (offered, chosen) => {
    expect(chooseSubProtocol(offered)).toBe(chosen);
  });
});

describe('parseHeartBeat', () => {
  it.each([
    ['0,0', 0, 0],
    ['10000,5000', 10_000, 5_000],
    ['007,999999999', 7, 999_999_999],
    [undefined, 0, 0], // 1.2, "Heart-beating": a missing header MUST be treated the same way as "0,0"
  ])('reads %j', (header, sendMs, wantMs) => {
    expect(parseHeartBeat(header)).toEqual({ sendMs, wantMs });
  });

  it.each(['', '1', '1,', ',1', '1,2,3', '-1,0', '1.5,0', ' 1,2', '1, 2', 'a,b', '1e3,0', '1000000000,0'])(
    'refuses %j',
    (header) => {
      expect(parseHeartBeat(header)).toBeNull();
    },
  );
});

describe('agreeHeartBeat', () => {
  /* 1.2, "Heart-beating": if <cx> is 0 or <sy> is 0 there will be none, otherwise every MAX(<cx>,<sy>) milliseconds. */
  it.each([
    [
      { sendMs: 10, wantMs: 20 },
      { sendMs: 30, wantMs: 5 },
      { sendEveryMs: 10, expectEveryMs: 30 },
    ],
    [
      { sendMs: 10, wantMs: 40 },
      { sendMs: 30, wantMs: 50 },
      { sendEveryMs: 50, expectEveryMs: 40 },
    ],
    [
      { sendMs: 0, wantMs: 20 },
      { sendMs: 30, wantMs: 5 },
      { sendEveryMs: 0, expectEveryMs: 30 },
    ],
    [
      { sendMs: 10, wantMs: 0 },
      { sendMs: 30, wantMs: 5 },
      { sendEveryMs: 10, expectEveryMs: 0 },
    ],
    [
      { sendMs: 10, wantMs: 20 },
      { sendMs: 0, wantMs: 0 },
      { sendEveryMs: 0, expectEveryMs: 0 },
    ],
  ])('of the server’s %j and the client’s %j makes %j', (server, client, agreed) => {
    expect(agreeHeartBeat(server, client)).toEqual(agreed);
  });
});
