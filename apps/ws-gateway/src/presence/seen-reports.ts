import type { SessionEventDTO } from '@chat/dto';
import { instantOf, type Clock, type Logger, type Service } from '@chat/service-kit';
import { SEEN_REPORTS } from '../limits.ts';
import type { SessionInRooms, SessionTabs } from './session-tabs.ts';

export interface SeenReportsOptions {
  readonly tabs: Pick<SessionTabs, 'takeTurn'>;
  /** Publishes one event to `session-events`. */
  readonly publish: (event: SessionEventDTO) => Promise<unknown>;
  /** Id under which this gateway holds its lease at the moment. */
  readonly gatewayId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Tells presence-worker which rooms are open, so that last seen moves while a user stays in a room: each session with an open
 * room once in 25 turns of a second, all of a turn in as few records as may be. A report that is not published is not tried again:
 * the next one of the session says more.
 */
export class SeenReports implements Service {
  readonly name = 'seen reports';
  readonly #options: SeenReportsOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: SeenReportsOptions) {
    this.#options = options;
  }

  start(): Promise<void> {
    this.#timer = setInterval(() => this.#report(), SEEN_REPORTS.turnMs);
    return Promise.resolve();
  }

  /** What is open by now is told with the ends of the sessions. */
  stop(): Promise<void> {
    clearInterval(this.#timer);
    return Promise.resolve();
  }

  #report(): void {
    const { tabs, publish, logger } = this.#options;
    for (const sessions of recordsOf(tabs.takeTurn())) {
      publish(this.#eventOf(sessions)).catch((error: unknown) => {
        logger.debug({ err: error, count: sessions.length }, 'rooms that are open were not told of');
      });
    }
  }

  /** An OPENED of the first session, which for presence is nothing new: readers that know no `seen` take it as that. */
  #eventOf(sessions: readonly [SessionInRooms, ...SessionInRooms[]]): SessionEventDTO {
    const { gatewayId, clock } = this.#options;
    const [{ userId, sessionId, activeRoomId }] = sessions;
    return {
      ...{ userId, sessionId, gatewayId: gatewayId(), event: 'OPENED' },
      ...(activeRoomId !== null && { activeRoomId }),
      seen: sessions.map((each) => ({ userId: each.userId, roomIds: [...each.roomIds] })),
      at: instantOf(clock.now()),
    };
  }
}

/** In records of so many rooms, or of one session that has more. */
function recordsOf(sessions: readonly SessionInRooms[]): readonly [SessionInRooms, ...SessionInRooms[]][] {
  const records: [SessionInRooms, ...SessionInRooms[]][] = [];
  let roomCount = Infinity;
  for (const session of sessions) {
    roomCount += session.roomIds.length;
    if (roomCount <= SEEN_REPORTS.roomsPerRecord) records.at(-1)?.push(session);
    else {
      records.push([session]);
      roomCount = session.roomIds.length;
    }
  }
  return records;
}
