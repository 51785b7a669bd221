import type { RoomId, SessionEvent, SessionEventDTO, UserId } from '@chat/dto';
import { ChatError, instantOf, pause, type Clock, type Logger, type Service } from '@chat/service-kit';

/** A session as presence sees it. */
export interface AnnouncedSession {
  readonly userId: UserId;
  readonly sessionId: string;
  /** The room whose tab the user opened last and has not left. */
  readonly activeRoomId: RoomId | null;
}

export interface SessionAnnouncerOptions {
  /** Publishes one event to `session-events`; rejects while Kafka does not acknowledge. */
  readonly publish: (event: SessionEventDTO) => Promise<unknown>;
  /** Id under which this gateway holds its lease at the moment. */
  readonly gatewayId: () => string;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** How long a stop waits for what was told, in ms; what is not with Kafka then, the lapsed lease of this gateway tells. */
const STOP_FLUSH_MS = 2_000;
/** Sessions told of within so many ms are told of together, in ms: a storm of CONNECTs is a few records a request. */
const GATHER_MS = 50;
/** Exited rooms in one event. */
const EXITS_MAX_COUNT = 500;
/** First and longest wait between two tries to publish an event, in ms. */
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 5_000;

/** What is to be told of a session next. `at` in Unix ms. */
interface PendingEvent {
  readonly session: AnnouncedSession;
  readonly event: SessionEvent;
  readonly exited: Set<RoomId>;
  readonly at: number;
}

/**
 * Tells presence-worker what becomes of this gateway's sessions. Events of one session go one after another, each until
 * Kafka has it; what changes meanwhile is merged into one next event, so that the memory is bounded by the sessions. Who comes and
 * goes while others are told of is told of once, as gone.
 */
export class SessionAnnouncer implements Service {
  readonly name = 'session announcer';
  readonly #options: SessionAnnouncerOptions;
  readonly #next = new Map<string, PendingEvent>();
  readonly #publishing = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();
  #isFailing = false;
  /** While it lasts, sessions that are told of wait for its end. */
  #moment: Promise<void> | null = null;

  constructor(options: SessionAnnouncerOptions) {
    this.#options = options;
  }

  /** A session opened, or its active room changed; `exitedRoomIds` are rooms whose tab is no longer open. */
  opened(session: AnnouncedSession, exitedRoomIds: readonly RoomId[] = []): void {
    this.#tell(session, 'OPENED', exitedRoomIds);
  }

  /** A session ended: CLOSED by the client's own DISCONNECT, else LOST. */
  ended(session: AnnouncedSession, how: 'CLOSED' | 'LOST', exitedRoomIds: readonly RoomId[]): void {
    this.#tell({ ...session, activeRoomId: null }, how, exitedRoomIds);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  stop(): Promise<void> {
    return this.flush(STOP_FLUSH_MS);
  }

  /** Resolves once everything told so far is with Kafka, or at the deadline, after which nothing is tried again. */
  async flush(deadlineMs: number): Promise<void> {
    const published = Promise.all(this.#publishing.values());
    const late = new AbortController();
    await Promise.race([published, pause(deadlineMs, late.signal)]);
    late.abort();
    this.#stop.abort();
  }

  #tell(session: AnnouncedSession, event: SessionEvent, exitedRoomIds: readonly RoomId[]): void {
    const { sessionId } = session;
    const untold = this.#next.get(sessionId);
    const exited = untold?.exited ?? new Set();
    const activeBefore = untold?.session.activeRoomId ?? null; // that it was active nobody is told any more
    if (activeBefore !== null && activeBefore !== session.activeRoomId) exited.add(activeBefore);
    for (const roomId of exitedRoomIds) exited.add(roomId);
    this.#next.set(sessionId, { session, event, exited, at: this.#options.clock.now() });
    if (!this.#publishing.has(sessionId)) this.#publishing.set(sessionId, this.#publishAll(sessionId));
  }

  async #publishAll(sessionId: string): Promise<void> {
    const turn = this.#turn();
    if (turn !== null) await turn;
    for (let event = this.#take(sessionId); event !== undefined; event = this.#take(sessionId)) {
      await this.#publishUntilAcknowledged(event);
    }
    this.#publishing.delete(sessionId);
  }

  /** At once where nobody was told of just now; else with all who wait for the end of the same moment. */
  #turn(): Promise<void> | null {
    const moment = this.#moment;
    this.#moment ??= pause(GATHER_MS, this.#stop.signal).then(() => {
      this.#moment = null;
    });
    return moment;
  }

  /** The next event of a session. Exits that do not fit go ahead in events of their own, so that none grows too large. */
  #take(sessionId: string): SessionEventDTO | undefined {
    const next = this.#next.get(sessionId);
    if (next === undefined) return undefined;
    const { session, exited, at } = next;
    const exitedRoomIds = [...exited].slice(0, EXITS_MAX_COUNT);
    for (const roomId of exitedRoomIds) exited.delete(roomId);
    const isLast = exited.size === 0;
    if (isLast) this.#next.delete(sessionId);
    return {
      userId: session.userId,
      sessionId,
      gatewayId: this.#options.gatewayId(),
      event: isLast ? next.event : 'OPENED',
      ...(session.activeRoomId !== null && { activeRoomId: session.activeRoomId }),
      ...(exitedRoomIds.length > 0 && { exitedRoomIds }),
      at: instantOf(at),
    };
  }

  async #publishUntilAcknowledged(event: SessionEventDTO): Promise<void> {
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_LONGEST_MS)) {
      try {
        await this.#options.publish(event);
        return this.#noteOutcome(null);
      } catch (error) {
        this.#noteOutcome(error);
        if (this.#stop.signal.aborted || !isRetryable(error)) return; // then the lapsed lease of this gateway ends the session
      }
      await pause(waitMs, this.#stop.signal);
    }
  }

  /** Logs when publishing begins to fail and when it works again, not every try of every session. */
  #noteOutcome(error: unknown): void {
    const isFailing = error !== null;
    if (isFailing === this.#isFailing) return;
    this.#isFailing = isFailing;
    if (isFailing) this.#options.logger.warn({ err: error }, 'session events are not published, trying again');
    else this.#options.logger.info('session events are published again');
  }
}

function isRetryable(error: unknown): boolean {
  return !(error instanceof ChatError) || error.retryable;
}
