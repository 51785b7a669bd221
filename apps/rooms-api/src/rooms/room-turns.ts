import type { RoomId } from '@chat/dto';
import { ChatError } from '@chat/service-kit';
import { ROOM_TURNS_MAX_WAITING } from '../limits.ts';

interface Turns {
  last: Promise<unknown>;
  waitingCount: number;
}

/**
 * Changes of one room take turns in this process before they ask for its row's lock: whoever waits for that lock holds a
 * connection, and a crowd at one room would leave none for the others.
 */
export class RoomTurns {
  readonly #rooms = new Map<RoomId, Turns>();

  /**
   * Runs the work once all earlier work of this room has ended, however it ended; where the signal has aborted by then, it
   * rejects with the signal's reason instead. Rejects with OVERLOADED at once where too many wait.
   */
  async run<Value>(roomId: RoomId, signal: AbortSignal, work: () => Promise<Value>): Promise<Value> {
    const turns = this.#rooms.get(roomId) ?? { last: Promise.resolve(), waitingCount: 0 };
    if (turns.waitingCount >= ROOM_TURNS_MAX_WAITING) throw tooManyWait();
    this.#rooms.set(roomId, turns);
    turns.waitingCount += 1;
    const outcome = turns.last.then(() => {
      signal.throwIfAborted();
      return work();
    });
    turns.last = outcome.catch(() => {}); // the next one does not care; the caller gets the failure
    try {
      return await outcome;
    } finally {
      turns.waitingCount -= 1;
      if (turns.waitingCount === 0) this.#rooms.delete(roomId);
    }
  }
}

function tooManyWait(): ChatError {
  return new ChatError('OVERLOADED', {
    message: `${ROOM_TURNS_MAX_WAITING} changes of this room wait already, as many as may; try again shortly.`,
  });
}
