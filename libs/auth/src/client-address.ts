import { isIP, isIPv6 } from 'node:net';
import type { IncomingMessage } from 'node:http';
import { optionalList, setting, type Settings } from '@chat/service-kit';
import proxyAddress from 'proxy-addr';

/** The environment of everything that limits addresses. */
export const proxySettings = {
  trustedProxies: setting(
    'TRUSTED_PROXIES',
    optionalList().refine(isTrustList, {
      error: 'must be addresses, networks such as 10.0.0.0/8, or loopback, linklocal, uniquelocal',
    }),
    'proxies whose X-Forwarded-For is believed: addresses, networks such as 10.0.0.0/8, loopback, linklocal, uniquelocal; comma-separated',
  ),
} as const satisfies Settings;

function isTrustList(proxies: readonly string[]): boolean {
  try {
    proxyAddress.compile([...proxies]);
    return true;
  } catch {
    return false;
  }
}

/**
 * By what a client's address is counted: of the peer, or where that is a trusted proxy the last address of `X-Forwarded-For` that is
 * none. Of an IPv6 address the network of 64 bits counts, of which one client has all.
 */
export function createClientAddress(trustedProxies: readonly string[]): (request: IncomingMessage) => string {
  const isTrusted = proxyAddress.compile([...trustedProxies]);
  return (request) => countedAs(addressOf(request, isTrusted));
}

/** What a trusted proxy says may be no address at all: then the proxy's own counts. A peer that is gone already has none. */
function addressOf(request: IncomingMessage, isTrusted: (address: string, at: number) => boolean): string {
  const peer = request.socket.remoteAddress ?? '';
  if (peer === '') return '';
  try {
    const address = withoutPort(proxyAddress(request, isTrusted));
    return isIP(address.split('%', 1)[0] ?? '') === 0 ? peer : address;
  } catch {
    return peer;
  }
}

/** Some proxies name the client's port too, which would make each of its connections another client. */
function withoutPort(address: string): string {
  const [, v4, v6] = /^(?:(\d+\.\d+\.\d+\.\d+)(?::\d+)|\[([^\]]*)\](?::\d+)?)$/.exec(address) ?? [];
  return v4 ?? v6 ?? address;
}

function countedAs(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  const [bare = ''] = address.split('%', 1);
  if (!isIPv6(bare)) return address;
  const { hostname } = new URL(`http://[${bare}]/`); // written out in one way
  const [head = '', tail] = hostname.slice(1, -1).split('::', 2);
  const before = head === '' ? [] : head.split(':');
  const after = tail === undefined || tail === '' ? [] : tail.split(':');
  const zeros = tail === undefined ? [] : Array.from({ length: 8 - before.length - after.length }, () => '0');
  return `${[...before, ...zeros, ...after].slice(0, 4).join(':')}::/64`;
}
