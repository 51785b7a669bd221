import { pause, withDeadline, type HealthCheck, type Logger, type Service } from '@chat/service-kit';
import { Redis } from 'ioredis';
import { connectionOptions } from './connection-options.ts';
import type { RedisSecurity } from './connection-security.ts';
import { createRedisKeys, type RedisKeys } from './keys.ts';
import { adviceOn, forgetArguments, toRedisFailure } from './redis-failure.ts';
import type { RedisScript } from './redis-script.ts';

/** How long `start` waits for the first connection before it lets the app start without it, in ms. */
const FIRST_CONNECTION_MS = 2_500;
const QUIT_DEADLINE_MS = 1_000;
/** Warnings about a connection that does not come back, at most one in this time, in ms. */
const WARN_EVERY_MS = 10_000;

/** The values of `redisSettings`, by the same names, and who connects. */
export interface RedisClientOptions extends RedisSecurity {
  /** `redis://` or `rediss://`, with user, password and database index where needed. */
  readonly redisUrl: string;
  /** Put before every key; may be empty. */
  readonly redisKeyPrefix: string;
  /** Name of this process in `CLIENT LIST`; without spaces. */
  readonly clientName: string;
  readonly logger: Logger;
  readonly commandTimeoutMs?: number;
}

/**
 * One connection to Redis. A request is answered within `commandTimeoutMs` or rejects as ChatError UNAVAILABLE; while there
 * is no connection it rejects at once, nothing queues up and nothing is sent twice (DESIGN §6). Reconnects for ever: a
 * Redis outage neither keeps an app from starting nor ends it, `check` tells of it.
 */
export class RedisClient implements Service {
  readonly name = 'redis';
  readonly keys: RedisKeys;
  readonly #redis: Redis;
  readonly #logger: Logger;
  #warnedAt = -Infinity;
  #isStopping = false;
  #hasWorked = false;

  constructor(options: RedisClientOptions) {
    this.keys = createRedisKeys(options.redisKeyPrefix);
    this.#logger = options.logger;
    const { clientName: name, commandTimeoutMs } = options;
    const isStopping = () => this.#isStopping;
    this.#redis = new Redis(
      options.redisUrl,
      connectionOptions({ security: options, name, commandTimeoutMs, isStopping }),
    );
    this.#redis.on('ready', () => {
      this.#hasWorked = true;
      this.#logger.info('connected to redis');
    });
    this.#redis.on('error', (error) => this.#warn(error));
  }

  /** Waits a moment for the first connection; without one the app starts all the same and `check` fails. */
  async start(): Promise<void> {
    if (this.#redis.status === 'ready') return;
    if (this.#redis.status === 'wait') this.#redis.connect().catch((error: unknown) => this.#warn(error));
    const patience = new AbortController();
    this.#redis.once('ready', () => patience.abort());
    await pause(FIRST_CONNECTION_MS, patience.signal);
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    try {
      if (this.#redis.status === 'ready') await withDeadline(this.#redis.quit(), QUIT_DEADLINE_MS, 'QUIT');
    } catch (error) {
      this.#logger.debug({ err: error }, 'redis did not answer QUIT');
    } finally {
      this.#redis.disconnect();
    }
  }

  /** Ready while Redis answers PING. */
  check(): HealthCheck {
    return {
      name: 'redis',
      check: async () => {
        await this.request((redis) => redis.ping());
      },
    };
  }

  /** For the files of this library: the answer of `work`, or its failure as a ChatError (UNAVAILABLE, INTERNAL). */
  async request<Answer>(work: (redis: Redis) => Promise<Answer>): Promise<Answer> {
    try {
      return await work(this.#redis);
    } catch (error) {
      throw toRedisFailure(error);
    }
  }

  /**
   * For the files of this library: the raw answer of a script. Sent by its digest; Redis asks for the text once. Scripts
   * are written so that running one twice does no harm.
   */
  runScript(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown> {
    return this.request(async (redis) => {
      try {
        return await redis.evalsha(script.digest, keys.length, ...keys, ...args);
      } catch (error) {
        if (!(error instanceof Error) || !error.message.startsWith('NOSCRIPT')) throw error;
        return redis.eval(script.text, keys.length, ...keys, ...args);
      }
    });
  }

  #warn(error: unknown): void {
    const now = performance.now();
    if (this.#isStopping || now - this.#warnedAt < WARN_EVERY_MS) return;
    this.#warnedAt = now;
    const advice = adviceOn(error, { hasWorked: this.#hasWorked });
    this.#logger.warn(
      { err: forgetArguments(error), ...(advice !== null && { advice }) },
      'redis is not reachable, connecting again',
    );
  }
}
