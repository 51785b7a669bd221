import { randomBytes } from 'node:crypto';
import type { ChatClient, ChatRoom } from '@chat/client';
import { unlessInterrupted } from '@chat/local-stack/interruption';
import { pause } from '@chat/service-kit';
import { localCaller, type Caller, type ChatAccess } from '../config.ts';
import type { CommandContext } from '../context.ts';
import { FailedQuietly, failureOf } from '../failure.ts';
import { LOAD_BOUNDS } from '../load/load-bounds.ts';
import { LoadTally } from '../load/load-tally.ts';
import { progressLine, reportLines } from '../load/load-text.ts';
import { dueCount } from '../load/pacer.ts';
import { stamped, stampOf } from '../load/stamp.ts';
import { closed, connected, openClient, withClient } from '../with-client.ts';

/** Messages of one sender without an answer; while there are so many, what is due is held back. */
const IN_FLIGHT_PER_SENDER = 100;
/** Time between two looks at what is due, in ms, and between two drawings of the bar. */
const TICK_MS = 10;
const DRAW_EVERY_MS = 200;
/** Longest wait for the last answers and deliveries, in ms. */
const SETTLE_DEADLINE_MS = 10_000;
/** Users of a load, where it has some of its own. */
const FIRST_USER = 1_000_000;
/** Senders that join and connect at the same time. */
const ARRIVING_TOGETHER = 20;

export interface LoadOptions {
  /** A new public room where none is named. */
  readonly room?: number | undefined;
  readonly senders: number;
  /** Messages a second, of all senders together. */
  readonly rate: number;
  /** In seconds. */
  readonly duration: number;
  /** Characters of a message. */
  readonly size: number;
}

interface Run {
  readonly id: string;
  readonly options: LoadOptions;
  readonly tally: LoadTally;
  readonly rooms: readonly ChatRoom[];
}

/**
 * Senders that write into a room at a rate, and the caller who reads it. Where chatctl has the secret of the local stack each
 * sender is a user of their own, else all are sessions of the caller. Exit 0 where all that was sent was delivered.
 */
export async function loadCommand(context: CommandContext, options: LoadOptions): Promise<void> {
  const clients: ChatClient[] = [];
  const id = randomBytes(4).toString('hex');
  const tally = new LoadTally();
  try {
    await withClient(context, async (reader, access) => {
      const roomId = options.room ?? (await reader.rest.createRoom({ name: `load ${id}` })).id;
      await reader.rest.joinRoom(roomId);
      await listen(reader.room(roomId), (content) => {
        const stamp = stampOf(content);
        if (stamp?.runId === id) tally.deliver(performance.now() - stamp.sentAt);
      });
      context.output.note(`${options.senders} senders come to room ${roomId}`);
      const rooms = await bringSenders(context, { access, clients, roomId, count: options.senders });
      await sendAll(context, { id, options, tally, rooms }, roomId);
    });
  } finally {
    await Promise.all(clients.map(closed));
  }
}

/** Resolves once the room is live. */
async function listen(room: ChatRoom, onContent: (content: string) => void): Promise<void> {
  const opened = room.open({ onMessage: ({ content }) => onContent(content) });
  const { promise: live, resolve, reject } = Promise.withResolvers<void>();
  opened.state.subscribe((state) => {
    if (state.name === 'live') resolve();
    if (state.name === 'refused') reject(state.error);
  });
  if (opened.state.get().name === 'live') resolve();
  await live;
}

interface Arrival {
  readonly access: ChatAccess;
  /** Those that were opened, to be closed by who asked for them. */
  readonly clients: ChatClient[];
  readonly roomId: number;
  readonly count: number;
}

async function bringSenders(context: CommandContext, arrival: Arrival): Promise<readonly ChatRoom[]> {
  const { access, clients, roomId, count } = arrival;
  const callers = Array.from({ length: count }, (_, at) => senderOf(context, access, at));
  for (let from = 0; from < count; from += ARRIVING_TOGETHER) {
    const arriving = callers.slice(from, from + ARRIVING_TOGETHER).map(async (caller) => {
      const client = openClient(access, caller, () => undefined); // what its sends come to is counted
      clients.push(client);
      await client.rest.joinRoom(roomId);
      await connected(client, access);
    });
    await unlessInterrupted(Promise.all(arriving), context.interrupted);
  }
  return clients.map((client) => client.room(roomId));
}

function senderOf({ options, environment }: CommandContext, { caller }: ChatAccess, at: number): Caller {
  const isFixed = options.token !== undefined || (environment.env['CHAT_TOKEN'] ?? '') !== '';
  return isFixed && options.user === undefined ? caller : localCaller(FIRST_USER + at, `load-${at}`, environment);
}

/** Sends at the rate, waits for what is on its way, and tells what it came to, also where it was interrupted. */
async function sendAll(context: CommandContext, run: Run, roomId: number): Promise<void> {
  const { output, interrupted } = context;
  const { options, tally } = run;
  const startedAt = performance.now();
  const draw = startDrawing(context, run, startedAt);
  try {
    await keepSending(run, startedAt, interrupted);
    const seconds = (performance.now() - startedAt) / 1000;
    await settle(tally, interrupted);
    draw.end();
    const counts = tally.counts();
    const { senders, rate, size } = options;
    output.result({ roomId, senders, rate, size, seconds, ...counts }, () =>
      reportLines(counts, { seconds }).join('\n'),
    );
  } finally {
    draw.end();
  }
  interrupted.throwIfAborted();
  const { acknowledged, delivered, errors } = tally.counts();
  if (Object.keys(errors).length > 0 || delivered < acknowledged) throw new FailedQuietly();
}

async function keepSending(
  { id, options, tally, rooms }: Run,
  startedAt: number,
  interrupted: AbortSignal,
): Promise<void> {
  const durationMs = Math.min(options.duration, LOAD_BOUNDS.seconds.max) * 1000;
  let begun = 0;
  for (; !interrupted.aborted; await pause(TICK_MS, interrupted)) {
    const elapsedMs = performance.now() - startedAt;
    const due = dueCount({ perSecond: options.rate, elapsedMs, durationMs, begun });
    for (let at = 0; at < due; at += 1) {
      const room = rooms[begun % rooms.length];
      begun += 1;
      if (room !== undefined) sendOne(room, { id, options, tally }, rooms.length);
    }
    if (elapsedMs >= durationMs) return;
  }
}

function sendOne(room: ChatRoom, { id, options, tally }: Omit<Run, 'rooms'>, senders: number): void {
  if (tally.inFlight >= senders * IN_FLIGHT_PER_SENDER) return tally.holdBack();
  const sentAt = performance.now();
  tally.send();
  room.send(stamped({ runId: id, sentAt }, options.size)).then(
    () => tally.acknowledge(performance.now() - sentAt),
    (error: unknown) => tally.fail(failureOf(error).code),
  );
}

/** Waits until nothing is without an answer and all that was acknowledged was delivered, as long as that may take. */
async function settle(tally: LoadTally, interrupted: AbortSignal): Promise<void> {
  const endAt = performance.now() + SETTLE_DEADLINE_MS;
  const isSettled = () => tally.inFlight === 0 && tally.counts().delivered >= tally.counts().acknowledged;
  while (!isSettled() && performance.now() < endAt && !interrupted.aborted) await pause(TICK_MS, interrupted);
}

/** A bar on a terminal, drawn again on its line. */
function startDrawing({ output: { canvas } }: CommandContext, { options, tally }: Run, startedAt: number) {
  if (canvas === null) return { end: () => undefined };
  const draw = () => {
    const fraction = (performance.now() - startedAt) / (options.duration * 1000);
    const line = progressLine(fraction, tally.counts());
    canvas.write(`\r\u001b[2K${line.slice(0, Math.max((canvas.columns ?? 80) - 1, 1))}`);
  };
  const timer = setInterval(draw, DRAW_EVERY_MS);
  let isDrawing = true;
  return {
    end: () => {
      clearInterval(timer);
      if (isDrawing) canvas.write('\r\u001b[2K');
      isDrawing = false;
    },
  };
}
