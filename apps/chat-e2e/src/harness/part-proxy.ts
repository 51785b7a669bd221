import { openKafkaProxy, openTcpProxy, type KafkaFrame, type TcpProxy, type TrapProxy } from '@chat/testing';

/** Standard ports by the protocol of a URL. */
const STANDARD_PORTS: Readonly<Record<string, number>> = {
  'postgres:': 5432,
  'postgresql:': 5432,
  'redis:': 6379,
};

/** A proxy in front of the part that a URL names. */
export function proxyTo(url: string): Promise<TcpProxy> {
  return openTcpProxy(placeOf(url));
}

/** The same before a broker, with traps for its frames; `host:port`. */
export function proxyToBroker(broker: string): Promise<TrapProxy<KafkaFrame>> {
  return openKafkaProxy(placeOf(`kafka://${broker}`));
}

function placeOf(url: string): { readonly host: string; readonly port: number } {
  const { hostname, port, protocol } = new URL(url);
  return { host: hostname, port: port === '' ? (STANDARD_PORTS[protocol] ?? 0) : Number(port) };
}

/** The same URL, by way of the proxy if there is one. */
export function throughProxy(url: string, proxy: TcpProxy | undefined): string {
  if (proxy === undefined) return url;
  const changed = new URL(url);
  changed.hostname = proxy.host;
  changed.port = String(proxy.port);
  return changed.href;
}
