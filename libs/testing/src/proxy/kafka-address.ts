import { KAFKA_API, type KafkaFrame } from './kafka-frames.ts';
import type { TrapProxy } from './tcp-proxy.ts';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** Replies that tell clients where to go. */
const TELLS_ADDRESSES: ReadonlySet<number> = new Set([KAFKA_API.metadata, KAFKA_API.findCoordinator]);
const SIZE_BYTES = 4;

/**
 * Keeps the clients of a broker on the proxy before it: where its replies name the address that it advertises, that of the
 * proxy stands instead. For clients as old as kafkajs, whose strings have an int16 length.
 */
export function advertiseProxy(proxy: TrapProxy<KafkaFrame>, advertised: Address): void {
  proxy.trap({
    matches: ({ direction, apiKey }) => direction === 'reply' && TELLS_ADDRESSES.has(apiKey),
    replace: (whole) => withAddress(whole, advertised, proxy),
    times: Infinity,
  });
}

/** The reply with one address in place of every mention of another; its size field says how long it is then. */
export function withAddress(whole: Buffer, advertised: Address, other: Address): Buffer {
  const [told, instead] = [addressBytes(advertised), addressBytes(other)];
  const parts: Buffer[] = [];
  let from = SIZE_BYTES;
  for (let at = whole.indexOf(told, from); at >= 0; at = whole.indexOf(told, from)) {
    parts.push(whole.subarray(from, at), instead);
    from = at + told.length;
  }
  const body = Buffer.concat([...parts, whole.subarray(from)]);
  const size = Buffer.alloc(SIZE_BYTES);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

/** host string, port int32. Source: Kafka protocol guide, "Metadata" and "FindCoordinator" responses. */
function addressBytes({ host, port }: Address): Buffer {
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length);
  bytes.write(host, 2, 'latin1');
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}
