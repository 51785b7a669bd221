import type { IncomingMessage } from 'node:http';
import { readConfig } from '@chat/service-kit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createClientAddress, proxySettings } from './client-address.ts';

const requestOf = (remoteAddress: string | undefined, forwardedFor?: string) =>
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwardedFor } }) as unknown as IncomingMessage; // all that is looked at

describe('the address of a client', () => {
  const addressOf = createClientAddress(['10.0.0.0/8', 'loopback']);

  it.each([
    ['203.0.113.9', undefined, '203.0.113.9'],
    ['::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['203.0.113.9', '198.51.100.1', '203.0.113.9'],
    ['10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['127.0.0.1', '6.6.6.6, 198.51.100.1, 10.9.9.9', '198.51.100.1'],
    ['::ffff:10.1.2.3', '198.51.100.1', '198.51.100.1'],
    ['10.1.2.3', undefined, '10.1.2.3'],
    ['10.1.2.3', '198.51.100.1:4711', '198.51.100.1'],
    ['10.1.2.3', '[2001:db8::1]:4711', '2001:db8:0:0::/64'],
    ['10.1.2.3', 'unknown', '10.1.2.3'],
    [undefined, '198.51.100.1', ''],
    ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
    ['2001:db8::1', undefined, '2001:db8:0:0::/64'],
    ['fe80::1%eth0', undefined, 'fe80:0:0:0::/64'],
    ['::1', undefined, '0:0:0:0::/64'],
  ])('of a peer %s that says X-Forwarded-For: %s is %s', (peer, forwardedFor, address) => {
    expect(addressOf(requestOf(peer, forwardedFor))).toBe(address);
  });

  it('is that of the peer, whatever it says, where no proxy is trusted', () => {
    const ofPeer = createClientAddress([]);
    fc.assert(fc.property(fc.string(), (text) => ofPeer(requestOf('203.0.113.9', text)) === '203.0.113.9'));
  });

  it('is some text, whatever a trusted proxy says', () => {
    fc.assert(fc.property(fc.string(), (text) => typeof addressOf(requestOf('10.1.2.3', text)) === 'string'));
  });
});

describe('trusted proxies', () => {
  const read = (text: string) => readConfig(proxySettings, { TRUSTED_PROXIES: text }).trustedProxies;

  it('are addresses, networks and their names', () => {
    expect(read('10.0.0.0/8, ::1,uniquelocal')).toEqual(['10.0.0.0/8', '::1', 'uniquelocal']);
  });

  it.each(['everybody', '10.0.0.0/99', '*'])('are not "%s"', (text) => {
    expect(() => read(text)).toThrow('TRUSTED_PROXIES must be addresses');
  });
});
