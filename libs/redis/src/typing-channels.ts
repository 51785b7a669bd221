import { randomUUID } from 'node:crypto';
import type { RoomId } from '@chat/dto';
import type { Logger, Service } from '@chat/service-kit';
import { Redis } from 'ioredis';
import { connectionOptions } from './connection-options.ts';
import type { RedisSecurity } from './connection-security.ts';
import { typingChannel } from './keys.ts';
import type { RedisClient } from './redis-client.ts';
import { decodeTypingSignal, encodeTypingSignal, type TypingSignal } from './typing-signal.ts';

/** Signals on their way to Redis; one more is dropped: it is worth nothing once it is late. */
const IN_FLIGHT_MAX = 1_000;
/** Time between two signs of life that are asked of the connection, in ms; channels may be silent for hours. */
const PING_EVERY_MS = 5_000;
/** Channels in one SUBSCRIBE. */
const CHANNELS_PER_COMMAND = 1_000;
/** Warnings about signals that are not published or not understood, at most one in this time, in ms. */
const WARN_EVERY_MS = 10_000;

export interface TypingChannelsOptions extends RedisSecurity {
  /** Publishes; a connection that subscribes can do nothing else. */
  readonly redis: RedisClient;
  readonly redisUrl: string;
  readonly redisKeyPrefix: string;
  readonly clientName: string;
  readonly logger: Logger;
  readonly commandTimeoutMs?: number;
  readonly maxInFlight?: number;
}

/**
 * A Redis channel a room, on which instances tell each other who types. What is lost is lost: nobody waits for it, nothing is
 * said again. While Redis is away nothing is heard; once it is back every open channel is subscribed again.
 */
export class TypingChannels implements Service {
  readonly name = 'typing channels';
  readonly #options: TypingChannelsOptions;
  readonly #subscriber: Redis;
  readonly #database: number;
  readonly #origin = randomUUID();
  /** The channels that are to be subscribed, by their names. */
  readonly #open = new Map<string, RoomId>();
  #heard: (roomId: RoomId, signal: TypingSignal) => void = () => {};
  #inFlightCount = 0;
  #warnedAt = -Infinity;
  #pingTimer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(options: TypingChannelsOptions) {
    this.#options = options;
    const { clientName, commandTimeoutMs, redisUrl } = options;
    this.#subscriber = new Redis(redisUrl, {
      ...connectionOptions({
        security: options,
        name: `${clientName}-typing`,
        commandTimeoutMs,
        isStopping: () => this.#isStopping,
      }),
      autoResubscribe: false, // it knows only of channels whose SUBSCRIBE was answered
    });
    this.#database = this.#subscriber.options.db ?? 0;
    this.#subscriber.on('ready', () => this.#subscribe([...this.#open.keys()]));
    this.#subscriber.on('error', () => {}); // connects again by itself; `RedisClient` says that Redis is away
    this.#subscriber.on('message', (channel, text) => this.#receive(channel, text));
  }

  /** Called for what other instances say about rooms whose channel is open. Must not throw. */
  onSignal(heard: (roomId: RoomId, signal: TypingSignal) => void): void {
    this.#heard = heard;
  }

  /** Begins to connect and waits for nothing. */
  start(): Promise<void> {
    this.#subscriber.connect().catch(() => {}); // goes on trying
    this.#pingTimer = setInterval(() => this.#ping(), PING_EVERY_MS);
    return Promise.resolve();
  }

  stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#pingTimer);
    this.#subscriber.disconnect();
    return Promise.resolve();
  }

  /** What others say about the room is heard from soon on until `close`, whenever Redis is there. */
  open(roomId: RoomId): void {
    const channel = this.#channelOf(roomId);
    this.#open.set(channel, roomId);
    if (this.#isReady) this.#subscribe([channel]);
  }

  close(roomId: RoomId): void {
    const channel = this.#channelOf(roomId);
    if (!this.#open.delete(channel) || !this.#isReady) return;
    this.#subscriber.unsubscribe(channel).catch(() => this.#connectAgain());
  }

  /** Tells the other instances; false where too much is on its way to Redis, and it is dropped. Never throws. */
  publish(roomId: RoomId, signal: TypingSignal): boolean {
    if (this.#inFlightCount >= (this.#options.maxInFlight ?? IN_FLIGHT_MAX)) return false;
    this.#inFlightCount += 1;
    void this.#publish(this.#channelOf(roomId), encodeTypingSignal(this.#origin, signal));
    return true;
  }

  get #isReady(): boolean {
    return this.#subscriber.status === 'ready';
  }

  #channelOf(roomId: RoomId): string {
    return typingChannel(this.#options.redisKeyPrefix, this.#database, roomId);
  }

  async #publish(channel: string, text: string): Promise<void> {
    try {
      await this.#options.redis.request((redis) => redis.publish(channel, text));
    } catch (error) {
      this.#warn({ err: error }, 'typing is not told to other instances');
    } finally {
      this.#inFlightCount -= 1;
    }
  }

  #subscribe(channels: readonly string[]): void {
    for (let at = 0; at < channels.length; at += CHANNELS_PER_COMMAND) {
      this.#subscriber.subscribe(...channels.slice(at, at + CHANNELS_PER_COMMAND)).catch(() => this.#connectAgain());
    }
  }

  /** What is subscribed is in doubt after a command that was not answered: a new connection begins with what is open. */
  #connectAgain(): void {
    if (!this.#isStopping && this.#isReady) this.#subscriber.disconnect(true);
  }

  /** One that is not answered makes the connection anew, by its limit of silence. */
  #ping(): void {
    if (this.#isReady && this.#open.size > 0) this.#subscriber.ping().catch(() => {});
  }

  #receive(channel: string, text: string): void {
    const roomId = this.#open.get(channel);
    if (roomId === undefined) return; // closed meanwhile
    const signal = decodeTypingSignal(text);
    if (signal === null) return this.#warn({ channel }, 'a typing signal was passed over');
    if (signal.origin !== this.#origin) this.#heard(roomId, signal);
  }

  #warn(about: object, message: string): void {
    const now = performance.now();
    if (this.#isStopping || now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    this.#options.logger.warn(about, message);
  }
}
