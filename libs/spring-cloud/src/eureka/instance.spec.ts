import { describe, expect, it } from 'vitest';
import { instanceDocument, instanceIdOf } from './instance.ts';
import { ownHost, type Interfaces } from './own-host.ts';

const address = (family: 'IPv4' | 'IPv6', of: string, internal = false) => ({
  ...{ family, internal, address: of, netmask: '', mac: '', cidr: null },
  ...(family === 'IPv6' && { scopeid: 0 }),
});
const interfaces = {
  lo: [address('IPv4', '127.0.0.1', true)],
  eth0: [address('IPv6', 'fe80::1'), address('IPv4', '10.0.0.7')],
} as Interfaces; // the family decides whether there is a scope

describe('the host of an instance', () => {
  it.each([
    ['chat.example', '0.0.0.0', 'chat.example'],
    [undefined, '192.0.2.1', '192.0.2.1'],
    [undefined, '0.0.0.0', '10.0.0.7'],
    [undefined, '::', '10.0.0.7'],
  ])('with EUREKA_HOST %s and HOST %s is %s', (configured, listensOn, host) => {
    expect(ownHost(configured, listensOn, interfaces)).toBe(host);
  });

  it('is this machine alone where it has no other address', () => {
    expect(ownHost(undefined, '', {})).toBe('127.0.0.1');
  });
});

describe('the document of an instance', () => {
  const facts = {
    ...{ appName: 'chat-service', host: 'chat.example', address: '10.0.0.7', port: 8080, internalPort: 9080 },
    ...{ metadata: { protocol: 'http' }, renewalMs: 10_000 },
  };

  it('has what Eureka and its clients look at', () => {
    expect(instanceIdOf(facts)).toBe('chat.example:chat-service:8080');
    expect(instanceDocument(facts, 'UP', 1_000).instance).toMatchObject({
      ...{
        app: 'CHAT-SERVICE',
        vipAddress: 'chat-service',
        hostName: 'chat.example',
        ipAddr: '10.0.0.7',
        status: 'UP',
      },
      port: { $: 8080, '@enabled': 'true' },
      leaseInfo: { renewalIntervalInSecs: 10, durationInSecs: 30 },
      metadata: { protocol: 'http', 'management.port': '9080' },
      ...{ statusPageUrl: 'http://chat.example:9080/version', healthCheckUrl: 'http://chat.example:9080/readyz' },
      ...{ lastDirtyTimestamp: '1000' },
    });
  });

  it('writes an IPv6 address as URLs have it', () => {
    const { instance } = instanceDocument({ ...facts, host: '2001:db8::1' }, 'UP', 0);
    expect(instance).toMatchObject({ ipAddr: '2001:db8::1', homePageUrl: 'http://[2001:db8::1]:8080/' });
  });
});
