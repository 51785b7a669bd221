import type { HistoryMessageDTO } from '@chat/dto';
import type { OpenRoom, OpenRoomOptions, OpenRoomState, RestApi } from '../api.ts';
import { retryMs } from '../connection/backoff.ts';
import { clientError, type ChatClientError } from '../error.ts';
import type { ChatLimits } from '../limits.ts';
import { pause } from '../pause.ts';
import type { IncomingMessage } from '../session/stomp-session.ts';
import type { Subscriptions } from '../session/subscriptions.ts';
import { createCell, type CallListener, type Stop } from '../store.ts';
import { fillGap } from './fill-gap.ts';
import { RoomStream, type StreamEffect, type StreamMessage } from './room-stream.ts';

export interface OpenRoomContext {
  readonly subscriptions: Subscriptions;
  readonly limits: ChatLimits;
  readonly rest: RestApi;
  readonly call: CallListener;
  readonly report: (error: ChatClientError) => void;
}

/** A subscription to a room that does what its stream decides. */
export function openRoom(roomId: number, options: OpenRoomOptions, context: OpenRoomContext): OpenRoom {
  const { subscriptions, limits, rest, call, report } = context;
  const stream = new RoomStream(options, limits);
  const state = createCell<OpenRoomState>({ name: 'opening' }, { call });
  let filling = new AbortController();
  /** How often it was asked in vain in this session whether there is more behind the gap, and until when it is. */
  let askedAgain = { count: 0, dueAt: Infinity };

  const perform = (effects: readonly StreamEffect[]) => {
    for (const effect of effects) {
      if (state.get().name === 'closed') return;
      if (effect.do === 'deliver') call(() => options.onMessage(effect.message, effect.origin));
      else if (effect.do === 'tell') call(() => options.onDiscontinuity?.({ roomId, ...effect.gap }));
      else void fill(effect.after);
    }
    if (state.get().name === 'closed') return; // by the last callback
    if (stream.phase === 'live') {
      askedAgain = { count: 0, dueAt: Infinity };
      state.set(LIVE);
    } else if (stream.phase === 'filling') state.set(RECOVERING);
  };

  const fill = async (after: number) => {
    filling.abort();
    filling = new AbortController();
    const { signal } = filling;
    const take = (items: readonly HistoryMessageDTO[], endId: number | null) => {
      const { effects, isEnd } = stream.filled(items, endId);
      perform(effects);
      return isEnd;
    };
    const firstHeld = () => stream.firstHeld;
    const passOver = (id: number) => stream.passOver(id);
    try {
      const { listMessages } = rest;
      const end = await fillGap({ roomId, after, firstHeld, passOver, listMessages, take, limits, signal });
      if (signal.aborted) return;
      if (end === 'complete') perform(stream.fillEnded(null));
      else if (end === 'nothing-waits') await askAgain(signal);
    } catch (error) {
      if (!signal.aborted) perform(stream.fillEnded((error as Error).message));
    }
  };

  /** The gateway knows whether the rows are behind: it is asked what lies behind the place until it says so. */
  const askAgain = async (signal: AbortSignal) => {
    const { count, dueAt } = askedAgain;
    askedAgain = { count: count + 1, dueAt: Math.min(dueAt, Date.now() + limits.gapDeadlineMs) };
    if (count > 0) await pause(limits.retryMinMs + retryMs(count, limits));
    if (signal.aborted || stream.phase !== 'filling') return;
    if (stream.firstHeld !== null) return fill(stream.lastMessageId ?? 0);
    if (Date.now() > dueAt) throw new Error('The history stayed behind.');
    const stopOld = stop;
    stream.lost();
    stop = subscribe();
    stopOld(); // only now: the room stays open
  };

  const lost = () => {
    filling.abort();
    stream.lost();
    askedAgain = { count: 0, dueAt: Infinity };
    if (state.get().name === 'live') state.set(RECOVERING);
  };

  const subscribe = (): Stop =>
    subscriptions.add({
      destination: `/topic/chat_rooms/${roomId}`,
      headers: () => stream.subscribe(),
      message: (message) => perform(stream.take(streamMessageOf(message, report))),
      live: ({ recovered }) => perform(stream.settled(recovered !== 'false')),
      lost,
      refused: (error) => {
        lost();
        state.set({ name: 'refused', error });
      },
    });
  let stop = subscribe();

  return {
    roomId,
    state,
    get lastMessageId() {
      return stream.lastMessageId;
    },
    close: () => {
      filling.abort();
      stop();
      state.set({ name: 'closed' });
    },
  };
}

const LIVE: OpenRoomState = { name: 'live' };
const RECOVERING: OpenRoomState = { name: 'recovering' };

function streamMessageOf({ headers, body }: IncomingMessage, report: (error: ChatClientError) => void): StreamMessage {
  const { prev } = headers;
  return {
    id: Number(headers['message-id']),
    prev: prev === undefined ? null : Number(prev),
    message: readMessage(body, report),
    origin: {
      via: headers['replayed'] === 'true' ? 'replayed' : 'live',
      clientMessageId: headers['client-message-id'] ?? null,
    },
  };
}

function readMessage(body: string, report: (error: ChatClientError) => void): HistoryMessageDTO | null {
  try {
    return JSON.parse(body) as HistoryMessageDTO; // the contract of the destination
  } catch (cause) {
    report(clientError('BAD_ANSWER', { message: 'A message of a room is not JSON.', cause }));
    return null;
  }
}
