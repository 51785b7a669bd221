import type { KeptCommand, KeptCommandRepository } from '@chat/database';
import { KEPT_COMMAND_LIFE_MS, type CommandDTO, type RoomId, type UserId } from '@chat/dto';
import { decodeRecord } from '@chat/kafka-contracts';
import { pause, withDeadline, type Clock, type Logger, type Service } from '@chat/service-kit';
import { COMMANDS_DESTINATION, USER_COMMANDS_DESTINATION } from '../broker/destinations.ts';
import { deliver, fanOut, type OutboundMessage } from '../broker/fan-out.ts';
import type { LiveSession } from '../broker/live-session.ts';
import { DONE, type Outcome } from '../broker/outcome.ts';
import type { Subscription } from '../broker/requests.ts';
import type { SessionRegistry } from '../broker/session-registry.ts';
import type { SubscriptionRegistry } from '../broker/subscription-registry.ts';
import { COMMAND_LIMITS, LOOKUP_DEADLINE_MS } from '../limits.ts';
import type { GatewayMetrics } from '../metrics.ts';
import { audienceOf, type CommandAudience } from './command-target.ts';
import { RecentIds } from './recent-ids.ts';

export interface CommandDeliveryOptions {
  readonly subscriptions: SubscriptionRegistry;
  readonly sessions: Pick<SessionRegistry<LiveSession>, 'of' | 'has'>;
  readonly isMember: (roomId: RoomId, userId: UserId) => boolean;
  /** What waits for a user; rejects while the database does not answer. */
  readonly listKept: (userId: UserId) => Promise<readonly KeptCommand[]>;
  readonly kept: Pick<KeptCommandRepository, 'listShared' | 'listDelivered' | 'markDelivered'>;
  readonly clock: Clock;
  readonly metrics: Pick<GatewayMetrics, 'deliveries'>;
  readonly logger: Logger;
}

/** A command on its way. */
interface Passing {
  /** What it is known by. */
  readonly key: string;
  readonly id: string;
  readonly target: string;
  readonly body: Uint8Array;
  /** Unix ms. */
  readonly expiresAt: number;
}
type SharedAudience = Extract<CommandAudience, { kind: 'shared' }>;
/** A durable command that everybody of its target gets who comes before it expires. */
type Standing = Passing & { readonly isFor: SharedAudience['isFor'] };
/** A durable command whose user was not here when it was read, and which may not be stored yet. */
type Missed = Passing & { readonly userId: UserId; readonly readAt: number };

/**
 * Commands → the sessions of their target, each once: by target and id, whether it comes from the log, comes again, or was
 * kept. What is durable and for no user in particular stands until it expires, in memory here; what is for a user is kept in
 * Postgres until it was written to a socket of theirs.
 */
export class CommandDelivery implements Service {
  readonly name = 'commands';
  readonly #options: CommandDeliveryOptions;
  readonly #seen = new RecentIds(COMMAND_LIMITS.remembered);
  readonly #standing = new Map<string, Standing>();
  /** Durable commands that a session has got. */
  readonly #told = new WeakMap<LiveSession, RecentIds>();
  /** Sessions that have subscribed while what is kept for their users could not be read. */
  readonly #unread = new Map<LiveSession, Subscription>();
  readonly #stopping = new AbortController();
  #missed: readonly Missed[] = [];
  #looking: Promise<void> = Promise.resolve();

  constructor(options: CommandDeliveryOptions) {
    this.#options = options;
  }

  /** Resolves once what stands is known, or cannot be read: it is looked at again and again. */
  async start(): Promise<void> {
    await this.#look();
    this.#looking = this.#lookOnAndOn();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#looking;
  }

  /** A command was read; `body` is its JSON text. False where its target is nobody's. */
  take(command: CommandDTO, body: Uint8Array): boolean {
    return this.#take(command, body, this.#expiryOf(command));
  }

  #take({ id, target, durable = false }: CommandDTO, body: Uint8Array, expiresAt: number): boolean {
    const passing = passingOf(target, String(id), body, expiresAt);
    const audience = audienceOf(target, this.#options.isMember);
    if (audience === null) return false;
    if (this.#isExpired(passing) || !this.#seen.add(passing.key)) return true;
    if (audience.kind === 'user') this.#tellUser(audience.userId, passing, durable);
    else this.#tellAll({ ...passing, isFor: audience.isFor }, durable);
    return true;
  }

  /** What was kept comes first; of a user what cannot be read in time comes as soon as it can be. */
  async subscribe(session: LiveSession, subscription: Subscription): Promise<Outcome> {
    if (subscription.target.kind !== 'user-commands') this.#bringStanding(session, subscription);
    else if (!(await this.#bringKept(session, subscription))) this.#putOff(session, subscription);
    return DONE;
  }

  #bringStanding(session: LiveSession, subscription: Subscription): void {
    this.#options.subscriptions.add(session, subscription);
    for (const standing of this.#standing.values()) {
      if (this.#isExpired(standing) || !standing.isFor(session) || !this.#isNews(session, standing.key)) continue;
      this.#deliver(session, subscription, replayedOf(standing, COMMANDS_DESTINATION));
    }
  }

  #tellAll(command: Standing, isDurable: boolean): void {
    if (isDurable) this.#stand(command);
    const isFor = (session: LiveSession) =>
      command.isFor(session) && (!isDurable || this.#isNews(session, command.key));
    const { subscriptions, metrics } = this.#options;
    const count = fanOut(subscriptions.ofCommands, messageOf(command, COMMANDS_DESTINATION), { isFor });
    metrics.deliveries.inc({ source: 'command-messages' }, count);
  }

  #tellUser(userId: UserId, command: Passing, isDurable: boolean): void {
    const told: LiveSession[] = [];
    for (const session of this.#options.sessions.of(userId)) {
      const subscription = session.subscriptionTo('user-commands');
      if (subscription === undefined || (isDurable && !this.#isNews(session, command.key))) continue;
      this.#deliver(session, subscription, messageOf(command, USER_COMMANDS_DESTINATION));
      told.push(session);
    }
    if (!isDurable) return;
    if (told.length === 0) this.#miss(userId, [command]);
    else void this.#acknowledge(userId, told, [command]);
  }

  /** False where what is kept could not be read: then it has brought what this instance remembers. */
  async #bringKept(session: LiveSession, subscription: Subscription): Promise<boolean> {
    const { userId } = session;
    const stored = await this.#readStored(userId);
    if (session.subscriptionTo('user-commands') !== subscription) return true;
    const waiting = stored?.waiting.map(keptPassingOf) ?? [];
    const known = new Set([...waiting.map(({ id }) => id), ...(stored?.delivered ?? [])]);
    const news = [...waiting, ...this.#missedBy(userId).filter(({ id }) => !known.has(id))].filter(
      (each) => !this.#isExpired(each) && this.#isNews(session, each.key),
    );
    for (const each of news) this.#deliver(session, subscription, replayedOf(each, USER_COMMANDS_DESTINATION));
    if (news.length > 0) void this.#acknowledge(userId, [session], news);
    return stored !== null;
  }

  #putOff(session: LiveSession, subscription: Subscription): void {
    if (this.#unread.size === 0) this.#options.logger.warn('commands kept for users could not be read yet');
    this.#unread.set(session, subscription);
    const [oldest] = this.#unread.keys();
    if (this.#unread.size > COMMAND_LIMITS.unread && oldest !== undefined) this.#unread.delete(oldest);
  }

  /** So many at a time, and no further where Postgres still does not answer. */
  async #bringUnread(): Promise<void> {
    const unread = [...this.#unread];
    for (let from = 0; from < unread.length; from += COMMAND_LIMITS.readTogether) {
      const some = unread.slice(from, from + COMMAND_LIMITS.readTogether);
      const brought = await Promise.all(some.map((each) => this.#bringAgain(...each)));
      if (brought.includes(false) || this.#stopping.signal.aborted) return;
    }
  }

  async #bringAgain(session: LiveSession, subscription: Subscription): Promise<boolean> {
    if (this.#options.sessions.has(session) && !(await this.#bringKept(session, subscription))) return false;
    if (this.#unread.get(session) === subscription) this.#unread.delete(session);
    return true;
  }

  /** What waits in Postgres, and what the user has got elsewhere of what is remembered here; null where it does not answer. */
  async #readStored(userId: UserId): Promise<{ waiting: readonly KeptCommand[]; delivered: readonly string[] } | null> {
    const { listKept, kept, logger } = this.#options;
    const read = async () => {
      const waiting = await listKept(userId);
      const missed = this.#missedBy(userId).map(({ id }) => id);
      return { waiting, delivered: missed.length === 0 ? [] : await kept.listDelivered(userId, missed) };
    };
    try {
      return await withDeadline(read(), LOOKUP_DEADLINE_MS, 'looking up kept commands');
    } catch (error) {
      logger.debug({ err: error }, 'kept commands could not be read');
      return null;
    }
  }

  /**
   * Once one of the sessions has taken them and lived on for a moment, the user has got them: what is written to a socket that
   * nobody holds any more is not. Never rejects.
   */
  async #acknowledge(userId: UserId, told: readonly LiveSession[], commands: readonly Passing[]): Promise<void> {
    const { kept, clock, logger } = this.#options;
    try {
      const lived = await Promise.all(told.map((session) => this.#hasTaken(session)));
      if (!lived.includes(true)) return this.#miss(userId, commands);
      const now = clock.now();
      for (const { id, target, expiresAt } of commands) {
        // as long as its record may be stored once more, and no longer: they are many
        const knownUntil = new Date(Math.min(expiresAt, now + COMMAND_LIMITS.knownAsDeliveredMs));
        await kept.markDelivered({ target, commandId: id, expiresAt: knownUntil }, new Date(now));
      }
      this.#missed = this.#missed.filter((missed) => !commands.some(({ key }) => key === missed.key));
    } catch (error) {
      logger.warn({ err: error }, 'a delivered command stays kept'); // it comes once more with the user's next SUBSCRIBE
    }
  }

  async #hasTaken(session: LiveSession): Promise<boolean> {
    const taken = session.receiver.whenTaken(0);
    if (taken !== null) {
      const waited = pause(COMMAND_LIMITS.takenWithinMs, this.#stopping.signal).then(() => false);
      if (!(await Promise.race([taken.then(() => true), waited]))) return false;
    }
    await pause(COMMAND_LIMITS.livesOnMs, this.#stopping.signal);
    return this.#options.sessions.has(session);
  }

  #stand(command: Standing): void {
    this.#standing.set(command.key, command);
    const [oldest] = this.#standing.keys();
    if (this.#standing.size > COMMAND_LIMITS.standing && oldest !== undefined) this.#standing.delete(oldest);
  }

  #missedBy(userId: UserId): readonly Missed[] {
    const since = this.#options.clock.now() - COMMAND_LIMITS.missedForMs;
    return this.#missed.filter((missed) => missed.userId === userId && missed.readAt > since);
  }

  #miss(userId: UserId, commands: readonly Passing[]): void {
    const now = this.#options.clock.now();
    const missed = this.#missed.filter(({ readAt }) => readAt > now - COMMAND_LIMITS.missedForMs);
    const all = [...missed, ...commands.map((command) => ({ ...command, userId, readAt: now }))];
    this.#missed = all.slice(-COMMAND_LIMITS.missed);
  }

  async #lookOnAndOn(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await pause(COMMAND_LIMITS.lookEveryMs, signal);
      if (!signal.aborted) await this.#look();
      if (!signal.aborted) await this.#bringUnread();
    }
  }

  /** Takes in what the log held before this instance read it. */
  async #look(): Promise<void> {
    const { kept, clock, logger } = this.#options;
    for (const [key, standing] of this.#standing) if (this.#isExpired(standing)) this.#standing.delete(key);
    try {
      for (const row of await kept.listShared(new Date(clock.now()), COMMAND_LIMITS.standing)) this.#takeRow(row);
    } catch (error) {
      logger.warn({ err: error }, 'commands that stand could not be read');
    }
  }

  /** The row says when it expires: it was stored when it was new. */
  #takeRow({ command, expiresAt, target, commandId }: KeptCommand): void {
    const body = Buffer.from(command);
    const decoded = decodeRecord('command-messages', body);
    if (decoded.ok) this.#take(decoded.value, body, expiresAt.getTime());
    else this.#options.logger.warn({ target, commandId, reason: decoded.reason }, 'a kept command is none');
  }

  #deliver(session: LiveSession, subscription: Subscription, message: OutboundMessage): void {
    deliver(session, subscription, message);
    this.#options.metrics.deliveries.inc({ source: 'command-messages' });
  }

  /** Whether the session has not got it; from now on it has. */
  #isNews(session: LiveSession, key: string): boolean {
    const told = this.#told.get(session) ?? new RecentIds(COMMAND_LIMITS.standing);
    this.#told.set(session, told);
    return told.add(key);
  }

  #expiryOf({ expiresAt, durable }: CommandDTO): number {
    if (expiresAt !== undefined) return Date.parse(expiresAt);
    return durable === true ? this.#options.clock.now() + KEPT_COMMAND_LIFE_MS : Infinity;
  }

  #isExpired({ expiresAt }: Passing): boolean {
    return expiresAt <= this.#options.clock.now();
  }
}

/** Ids are their target's own; no target has a slash in it. */
function keyOf(target: string, id: string): string {
  return `${target}/${id}`;
}

function passingOf(target: string, id: string, body: Uint8Array, expiresAt: number): Passing {
  return { key: keyOf(target, id), id, target, body, expiresAt };
}

function messageOf({ key, body }: Passing, destination: string): OutboundMessage {
  return { messageId: `command-${key}`, body, destination };
}

function replayedOf(command: Passing, destination: string): OutboundMessage {
  return { ...messageOf(command, destination), headers: [['replayed', 'true']] };
}

function keptPassingOf({ commandId, target, command, expiresAt }: KeptCommand): Passing {
  return passingOf(target, commandId, Buffer.from(command), expiresAt.getTime());
}
