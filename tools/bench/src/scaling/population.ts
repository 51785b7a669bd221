/** Rooms of one kind: how many of their members are connected at a time, and which share of all messages they have. */
export interface RoomKind {
  readonly online: number;
  readonly share: number;
}

/** Who is connected, and who writes where. */
export interface Population {
  readonly sessionsPerGateway: number;
  /** Messages of a session a second. */
  readonly sendsPerSession: number;
  readonly rooms: readonly RoomKind[];
}

/** A chat of pairs and groups, with a few large rooms: each session writes once in 20 s. */
export const CHAT: Population = {
  sessionsPerGateway: 5_000,
  sendsPerSession: 0.05,
  rooms: [
    { online: 2, share: 0.5 },
    { online: 10, share: 0.35 },
    { online: 100, share: 0.14 },
    { online: 5_000, share: 0.01 },
  ],
};

/** From 0 to below 1. */
export type Random = () => number;

/** The same numbers for the same seed: mulberry32. */
export function randomOf(seed: number): Random {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/**
 * At how many gateways the room of a message is, on average: messages are drawn as the population writes them, and the members
 * of each one's room are connected wherever the balancer has put them.
 */
export function meanHolders(
  { rooms }: Pick<Population, 'rooms'>,
  gateways: number,
  { samples, random }: { readonly samples: number; readonly random: Random },
): number {
  let holders = 0;
  for (let sample = 0; sample < samples; sample += 1) holders += holdersOf(draw(rooms, random()), gateways, random);
  return holders / samples;
}

function draw(rooms: readonly RoomKind[], at: number): number {
  let below = 0;
  for (const { online, share } of rooms) {
    below += share;
    if (at < below) return online;
  }
  return rooms.at(-1)?.online ?? 0;
}

function holdersOf(online: number, gateways: number, random: Random): number {
  const at = new Set<number>();
  for (let member = 0; member < online && at.size < gateways; member += 1) at.add(Math.floor(random() * gateways));
  return at.size;
}
