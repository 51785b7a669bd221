import { createInterface } from 'node:readline';
import { markedMessage, markOf, type MarkedMessage } from '../load/marked-message.ts';

/** After so many deliveries the event loop has its turn. */
const DELIVERIES_A_TURN = 1_000;

export interface FanOutPeer {
  readonly port: number;
  /** Rooms with somebody in them, and how many. */
  readonly rooms: ReadonlyMap<number, { readonly size: number }>;
  /** Bytes of a frame's payload beside the JSON of the message. */
  readonly overheadBytes: number;
  broadcast(message: MarkedMessage): void;
}

/** Says where the peer listens and obeys the commands of native/writer.c: messages come out of memory, room after room. */
export function obeyFanOutCommands(peer: FanOutPeer): void {
  const feed = feedOf(peer);
  let obeyed = Promise.resolve();
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      const count = Number(/^fan-out (\d+)$/.exec(line)?.[1] ?? 0);
      obeyed = obeyed.then(() => feed(count)).then(() => (line === 'flush' ? console.log('flushed') : undefined));
    })
    .on('close', () => process.exit(0));
  console.log(`listening ${peer.port}`);
}

function feedOf(peer: FanOutPeer): (count: number) => Promise<void> {
  const sequences = new Map<number, number>();
  let n = 0;
  return async (count) => {
    const rooms = [...peer.rooms.keys()];
    let deliveries = 0;
    for (let i = 0; i < count; i++, n++) {
      const roomId = rooms[n % rooms.length] ?? 0;
      const sequence = (sequences.get(roomId) ?? 0) + 1;
      sequences.set(roomId, sequence);
      peer.broadcast(markedMessage(n, roomId, markOf(roomId, sequence, 0), peer.overheadBytes));
      deliveries += peer.rooms.get(roomId)?.size ?? 0;
      if (deliveries >= DELIVERIES_A_TURN) {
        deliveries = 0;
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  };
}
