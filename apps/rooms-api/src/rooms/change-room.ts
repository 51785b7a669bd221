import type { DatabaseService, Repositories, Room } from '@chat/database';
import type { MessageDTO, MessageId, RoomEventDTO, RoomId, UserId } from '@chat/dto';
import { instantOf, type Clock } from '@chat/service-kit';
import { getStanding, type RoomStanding } from './room-access.ts';
import type { RoomTurns } from './room-turns.ts';

/** What every use case works with. */
export interface RoomsContext {
  readonly database: Pick<DatabaseService, 'repositories' | 'transaction'>;
  readonly clock: Clock;
  readonly turns: RoomTurns;
  /** How long an invitation counts that does not say so, in ms. */
  readonly invitationLifeMs: number;
  /** Throws UNAVAILABLE where no id can be made. */
  readonly nextMessageId: () => MessageId;
  /** Called after events were committed to the outbox. */
  readonly onEvents: () => void;
}

/** What a change of a room works with, which may have to wait for its turn. */
export interface RoomChangeContext extends RoomsContext {
  /** Aborts when nobody waits for the outcome any more; a change that waits for its turn is then left undone. */
  readonly signal: AbortSignal;
}

/** An event as a use case tells it; room and instant are filled in. */
export type RoomEventDraft = Omit<RoomEventDTO, 'roomId' | 'at'>;

/** One room under its lock, and how the caller stands to it. */
export interface RoomUnderChange extends RoomStanding {
  readonly room: Room;
  readonly stored: Repositories;
  readonly at: Date;
  readonly nextMessageId: () => MessageId;
}

export interface RoomChangeOutcome<Value> {
  readonly value: Value;
  /** What has changed; none where nothing has. */
  readonly events: readonly RoomEventDraft[];
  /** What the room's own log is to say of it. */
  readonly messages?: readonly MessageDTO[];
}

/** Which room, and who asks for the change. */
export interface RoomChangeRequest {
  readonly roomId: RoomId;
  readonly callerId: UserId;
}

type Change<Value> = (under: RoomUnderChange) => Promise<RoomChangeOutcome<Value>>;

/**
 * Changes a room that the caller may see, under the lock of its row, together with the outbox: either both are stored or
 * neither. Rejects with ROOM_NOT_FOUND, with what the change throws, OVERLOADED, UNAVAILABLE, or
 * the signal's reason.
 */
export function changeRoom<Value>(
  context: RoomChangeContext,
  request: RoomChangeRequest,
  change: Change<Value>,
): Promise<Value> {
  return context.turns.run(request.roomId, context.signal, async () => {
    // first without the lock: who may not see the room does not hold it up, nor tell by the time it takes that it is there
    await getStanding(context.database.repositories, request.roomId, request.callerId);
    return changeRoomInTurn(context, request, change);
  });
}

/** For who has the room's turn already. */
export async function changeRoomInTurn<Value>(
  { database, clock, nextMessageId, onEvents }: RoomsContext,
  { roomId, callerId }: RoomChangeRequest,
  change: Change<Value>,
): Promise<Value> {
  const at = new Date(clock.now());
  const { value, events } = await database.transaction(async (stored) => {
    const room = await stored.rooms.getRoomForUpdate(roomId);
    const { role, isInvited, isBanned } = await getStanding(stored, roomId, callerId);
    const outcome = await change({ room, role, isInvited, isBanned, stored, at, nextMessageId });
    await stored.outbox.addMessages(outcome.messages ?? []); // first, for it is what a removal waits for
    await stored.outbox.addEvents(outcome.events.map((draft) => eventOf(draft, roomId, at)));
    return outcome;
  });
  if (events.length > 0) onEvents();
  return value;
}

export function eventOf(draft: RoomEventDraft, roomId: RoomId, at: Date): RoomEventDTO {
  return { ...draft, roomId, at: instantOf(at.getTime()) };
}
