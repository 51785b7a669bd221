import type { RoomId, SessionEvent, SessionEventDTO, UserId } from '@chat/dto';
import { instantOf, pause, type Clock, type Logger, type Service } from '@chat/service-kit';

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

/** How long a stop waits for what was told, in ms. */
const STOP_FLUSH_MS = 5_000;
/** First and longest wait between two tries to publish an event, in ms. */
const RETRY_FIRST_MS = 250;
const RETRY_LONGEST_MS = 5_000;

/**
 * Tells presence-worker what becomes of this gateway's sessions. Events of one session go one after another, each until
 * Kafka has it; what changes meanwhile is merged into one next event, so that the memory is bounded by the sessions.
 */
export class SessionAnnouncer implements Service {
  readonly name = 'session announcer';
  readonly #options: SessionAnnouncerOptions;
  readonly #next = new Map<string, SessionEventDTO>();
  readonly #publishing = new Map<string, Promise<void>>();
  readonly #stop = new AbortController();

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

  /** Resolves once everything told so far is with Kafka; gives up retrying at the deadline. */
  async flush(deadlineMs: number): Promise<void> {
    const timer = setTimeout(() => this.#stop.abort(), deadlineMs);
    await Promise.all(this.#publishing.values());
    clearTimeout(timer);
  }

  #tell(session: AnnouncedSession, event: SessionEvent, exitedRoomIds: readonly RoomId[]): void {
    const { userId, sessionId, activeRoomId } = session;
    const earlier = this.#next.get(sessionId)?.exitedRoomIds ?? [];
    const exited = [...new Set([...earlier, ...exitedRoomIds])];
    this.#next.set(sessionId, {
      userId,
      sessionId,
      gatewayId: this.#options.gatewayId(),
      event,
      ...(activeRoomId !== null && { activeRoomId }),
      ...(exited.length > 0 && { exitedRoomIds: exited }),
      at: instantOf(this.#options.clock.now()),
    });
    if (!this.#publishing.has(sessionId)) this.#publishing.set(sessionId, this.#publishAll(sessionId));
  }

  async #publishAll(sessionId: string): Promise<void> {
    for (let event = this.#take(sessionId); event !== undefined; event = this.#take(sessionId)) {
      await this.#publishUntilAcknowledged(event);
    }
    this.#publishing.delete(sessionId);
  }

  #take(sessionId: string): SessionEventDTO | undefined {
    const event = this.#next.get(sessionId);
    this.#next.delete(sessionId);
    return event;
  }

  async #publishUntilAcknowledged(event: SessionEventDTO): Promise<void> {
    for (let waitMs = RETRY_FIRST_MS; ; waitMs = Math.min(waitMs * 2, RETRY_LONGEST_MS)) {
      try {
        await this.#options.publish(event);
        return;
      } catch (error) {
        const givenUp = this.#stop.signal.aborted;
        this.#options.logger.warn({ err: error, event: event.event, givenUp }, 'a session event was not published');
        if (givenUp) return; // the lease of this gateway lapses and ends the session in its stead
      }
      await pause(waitMs, this.#stop.signal);
    }
  }
}
