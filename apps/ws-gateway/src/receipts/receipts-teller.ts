import { isStatementTimeout, type SentMessageRepository } from '@chat/database';
import type { MessageReceiptsDTO, RoomId, UserId } from '@chat/dto';
import { ChatError, type Logger, type Service } from '@chat/service-kit';
import { RECEIPTS_DESTINATION } from '../broker/destinations.ts';
import { deliver, type OutboundMessage } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import type { Subscription } from '../broker/requests.ts';
import { RECEIPT_LIMITS, RECEIPT_TICK_MS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { SenderReceipts, type Look, type SentMessage, type StoredHints, type Telling } from './sender-receipts.ts';

const UTF8 = new TextEncoder();

export interface ReceiptsTellerOptions {
  readonly rows: Pick<SentMessageRepository, 'listReach'>;
  readonly hints: StoredHints;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
  /** In ms, of a clock that never goes back. */
  readonly now: () => number;
}

/**
 * Tells senders on `/user/queue/receipts` what became of their messages, on all their sessions here; other instances do the
 * same. One look at the rows at a time, for many rooms together. Does nothing while nobody listens.
 */
export class ReceiptsTeller implements Service {
  readonly name = 'receipts teller';
  readonly #options: ReceiptsTellerOptions;
  readonly #receipts: SenderReceipts;
  readonly #listeners = new Map<UserId, Map<Subscription, LiveSession>>();
  #timer: NodeJS.Timeout | undefined;
  #wakeAt = Infinity;
  #looking: Promise<void> | null = null;
  #isStopped = false;
  #frameCount = 0;

  constructor(options: ReceiptsTellerOptions) {
    this.#options = options;
    this.#receipts = new SenderReceipts(RECEIPT_LIMITS, options.hints);
  }

  start(): Promise<void> {
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#looking;
  }

  /** Whether the user listens here. */
  isListening(userId: UserId): boolean {
    return this.#listeners.has(userId);
  }

  /** Live from here on; what is followed of the user already, and the rooms that he has open there, are told anew. */
  subscribe(session: LiveSession, subscription: Subscription, openRooms: Iterable<RoomId>): void {
    const { userId } = session;
    const known = this.#listeners.get(userId) ?? new Map<Subscription, LiveSession>();
    this.#listeners.set(userId, known.set(subscription, session));
    for (const roomId of new Set([...this.#receipts.roomsOf(userId), ...openRooms])) this.entered(userId, roomId);
  }

  unsubscribe({ userId }: LiveSession, subscription: Subscription): void {
    const known = this.#listeners.get(userId);
    if (known?.delete(subscription) !== true || known.size > 0) return;
    this.#listeners.delete(userId);
    this.#receipts.forget(userId);
  }

  /** The user opened the room. */
  entered(userId: UserId, roomId: RoomId): void {
    if (!this.isListening(userId)) return;
    this.#receipts.opened(userId, roomId, this.#now());
    this.#arm();
  }

  /** A message was read from the log, by anybody. */
  sent(message: SentMessage): void {
    if (!this.isListening(message.userId)) return;
    this.#receipts.sent(message, this.#now());
    this.#arm();
  }

  /** Marks of the room were told. */
  marked(roomId: RoomId): void {
    if (!this.#receipts.follows(roomId)) return;
    this.#receipts.marked(roomId, this.#now());
    this.#arm();
  }

  memberLeft(roomId: RoomId, userId: UserId): void {
    if (!this.#receipts.follows(roomId)) return;
    this.#receipts.memberLeft(roomId, userId, this.#now());
    this.#arm();
  }

  #now(): number {
    return this.#options.now();
  }

  /** Soon, or later; what comes until then is told together. */
  #arm(inMs = RECEIPT_TICK_MS): void {
    const wakeAt = this.#now() + inMs;
    if (this.#isStopped || wakeAt >= this.#wakeAt) return;
    clearTimeout(this.#timer);
    this.#wakeAt = wakeAt;
    this.#timer = setTimeout(() => this.#tick(), inMs);
  }

  #tick(): void {
    this.#wakeAt = Infinity;
    const now = this.#now();
    for (const telling of this.#receipts.takeTellings(now)) this.#tell(telling);
    this.#looking ??= this.#look(now);
    const nextAt = this.#receipts.nextAt(now);
    if (nextAt < Infinity) this.#arm(Math.max(RECEIPT_TICK_MS, nextAt - now));
  }

  /** Never rejects. Null where nothing is due. */
  #look(now: number): Promise<void> | null {
    const looks = this.#receipts.takeLooks(now);
    if (looks.length === 0) return null;
    return this.#askRows(looks).finally(() => {
      this.#looking = null;
      this.#arm();
    });
  }

  async #askRows(looks: readonly Look[]): Promise<void> {
    const { rows, logger, metrics } = this.#options;
    metrics.receiptLooks.inc(looks.length);
    try {
      const found = await rows.listReach(looks, RECEIPT_LIMITS.maxMessages);
      const byPlace = Map.groupBy(found, placeOf);
      for (const look of looks) this.#receipts.looked(look, byPlace.get(placeOf(look)) ?? [], this.#now());
    } catch (error) {
      logger.debug({ err: error, count: looks.length }, 'receipts wait for the rows');
      this.#receipts.failed(looks, this.#now(), { isAway: isAway(error) });
    }
  }

  #tell({ userId, roomId, receipts }: Telling): void {
    const body: MessageReceiptsDTO = { roomId, receipts: [...receipts] };
    const message = this.#messageOf(body);
    for (const [subscription, session] of this.#listeners.get(userId) ?? []) {
      deliver(session, subscription, message);
      this.#options.metrics.deliveries.inc({ source: 'message-receipts' });
    }
  }

  #messageOf(body: MessageReceiptsDTO): OutboundMessage {
    this.#frameCount += 1;
    return {
      destination: RECEIPTS_DESTINATION,
      messageId: `receipts-${body.roomId}-${this.#frameCount}`,
      body: UTF8.encode(JSON.stringify(body)),
    };
  }
}

/** Whether it lies in the database, and not in what it was asked for. */
function isAway(error: unknown): boolean {
  return error instanceof ChatError && error.retryable && !isStatementTimeout(error);
}

function placeOf({ userId, roomId }: { readonly userId: UserId; readonly roomId: RoomId }): string {
  return `${userId}/${roomId}`;
}
