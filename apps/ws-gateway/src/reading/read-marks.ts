import { isEarlierInLog, type LogPosition, type ReceiptDTO, type RoomId, type UserId } from '@chat/dto';
import { instantOf, pause, type Clock } from '@chat/service-kit';
import { MARKS_PER_RECORD, READ_GATHER_MS } from '../limits.ts';

export interface ReadMarksOptions {
  /** Resolves when Kafka has acknowledged with acks=all. */
  readonly publish: (receipt: ReceiptDTO) => Promise<unknown>;
  readonly clock: Clock;
}

/** The marks of a room that go together; of a user the last position. */
interface Round {
  readonly positions: Map<UserId, LogPosition>;
  readonly published: PromiseWithResolvers<void>;
}

/**
 * Tells message-receipts up to where users have read. The first mark of a room goes at once; those that come within
 * `READ_GATHER_MS` after it, or before Kafka has it, go together, so that a room whose members all read the same message is a
 * few records. Of two marks of a user the later position counts, here as everywhere.
 */
export class ReadMarks {
  readonly #options: ReadMarksOptions;
  readonly #next = new Map<RoomId, Round>();
  readonly #underWay = new Set<RoomId>();

  constructor(options: ReadMarksOptions) {
    this.#options = options;
  }

  /** Resolves when the mark is in Kafka; rejects where it is not, or nobody knows. */
  publish(roomId: RoomId, userId: UserId, position: LogPosition): Promise<void> {
    const round = this.#next.get(roomId) ?? { positions: new Map(), published: Promise.withResolvers<void>() };
    this.#next.set(roomId, round);
    const known = round.positions.get(userId);
    if (known === undefined || isEarlierInLog(known, position)) round.positions.set(userId, position);
    if (!this.#underWay.has(roomId)) void this.#tellAll(roomId);
    return round.published.promise;
  }

  /** Never rejects. */
  async #tellAll(roomId: RoomId): Promise<void> {
    this.#underWay.add(roomId);
    for (let round = this.#next.get(roomId); round !== undefined; round = this.#next.get(roomId)) {
      this.#next.delete(roomId);
      const told = this.#tell(roomId, round.positions);
      told.then(round.published.resolve, round.published.reject);
      await Promise.allSettled([told, pause(READ_GATHER_MS)]);
    }
    this.#underWay.delete(roomId);
  }

  async #tell(roomId: RoomId, positions: Round['positions']): Promise<void> {
    const { publish, clock } = this.#options;
    const marks = Array.from(positions, ([userId, position]) => ({ userId, kind: 'READ' as const, position }));
    const at = instantOf(clock.now());
    for (let from = 0; from < marks.length; from += MARKS_PER_RECORD) {
      await publish({ roomId, marks: marks.slice(from, from + MARKS_PER_RECORD), at });
    }
  }
}
