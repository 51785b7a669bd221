import type { KeptCommand, KeptCommandRepository, RevocationRepository } from '@chat/database';
import {
  isStorableText,
  KEPT_COMMAND_LIFE_MS,
  REVOKE_COMMAND,
  revocationOf,
  type CommandDTO,
  type Revocation,
} from '@chat/dto';
import type { DeadLetters, GroupBatch, RefusedRecord } from '@chat/kafka';
import { decodeRecord } from '@chat/kafka-contracts';
import { pause, type Clock, type Logger, type Service } from '@chat/service-kit';
import {
  KEPT_COMMANDS_CLEANING_EVERY_MS,
  KEPT_COMMANDS_CLEANING_MAX_COUNT,
  KEPT_COMMANDS_CLEANING_MAX_MS,
  KEPT_COMMANDS_MAX,
} from './limits.ts';

const UNSTORABLE_ID = 'id: must not contain U+0000 or a lone surrogate';

/** Its consumer group, without prefix. */
export const COMMANDS_GROUP = 'message-persister-commands';

export interface CommandsConsumerOptions {
  readonly kept: Pick<KeptCommandRepository, 'keepCommands' | 'removeExpired'>;
  readonly revocations: Pick<RevocationRepository, 'saveRevocation' | 'removeExpired'>;
  readonly deadLetters: DeadLetters;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Keeps durable commands (command-messages) until they are delivered or expire, and what revokes until it expires. A batch that
 * comes again does no harm.
 */
export class CommandsConsumer implements Service {
  readonly name = 'kept commands';
  readonly #options: CommandsConsumerOptions;
  readonly #stopping = new AbortController();
  #cleaning: Promise<void> = Promise.resolve();

  constructor(options: CommandsConsumerOptions) {
    this.#options = options;
  }

  async processBatch(batch: GroupBatch): Promise<void> {
    const { kept, revocations, deadLetters, clock } = this.#options;
    const { commands, revoked, refused } = judge(batch, clock.now());
    for (const revocation of revoked) if (revocation.kind !== 'session') await revocations.saveRevocation(revocation);
    if (commands.length > 0) await kept.keepCommands(commands, KEPT_COMMANDS_MAX);
    await deadLetters.setAside(batch.partition, refused);
    await batch.commit(batch.nextOffset);
  }

  start(): Promise<void> {
    this.#cleaning = this.#cleanOnAndOn();
    return Promise.resolve();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#cleaning;
  }

  async #cleanOnAndOn(): Promise<void> {
    const { logger } = this.#options;
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      try {
        await this.#clean();
      } catch (error) {
        logger.warn({ err: error }, 'expired commands were not removed'); // nobody gets them; the next time will do
      }
      await pause(KEPT_COMMANDS_CLEANING_EVERY_MS, signal);
    }
  }

  /** Until none is left that has expired, or it has taken long enough. */
  async #clean(): Promise<void> {
    const { kept, revocations, clock } = this.#options;
    await revocations.removeExpired(new Date(clock.now()), KEPT_COMMANDS_CLEANING_MAX_COUNT);
    const until = clock.now() + KEPT_COMMANDS_CLEANING_MAX_MS;
    let count = KEPT_COMMANDS_CLEANING_MAX_COUNT;
    while (count === KEPT_COMMANDS_CLEANING_MAX_COUNT && !this.#stopping.signal.aborted && clock.now() < until) {
      count = await kept.removeExpired(new Date(clock.now()), KEPT_COMMANDS_CLEANING_MAX_COUNT);
    }
  }
}

function judge({ records }: GroupBatch, now: number) {
  const commands: KeptCommand[] = [];
  const revoked: Revocation[] = [];
  const refused: RefusedRecord[] = [];
  for (const record of records) {
    const decoded = decodeRecord('command-messages', record.value);
    if (!decoded.ok) refused.push({ record, reason: decoded.reason });
    else if (decoded.value.name === REVOKE_COMMAND) {
      const revocation = revocationOf(decoded.value, now);
      if (typeof revocation === 'string') refused.push({ record, reason: revocation });
      else if (revocation !== null) revoked.push(revocation);
    } else if (!isStorableText(String(decoded.value.id))) refused.push({ record, reason: UNSTORABLE_ID });
    else if (decoded.value.durable === true) {
      const kept = keptOf(decoded.value, record, now);
      if (kept.expiresAt.getTime() > now) commands.push(kept);
    }
  }
  return { commands, revoked, refused };
}

function keptOf(
  { id, target, expiresAt }: CommandDTO,
  record: GroupBatch['records'][number],
  now: number,
): KeptCommand {
  return {
    target,
    commandId: String(id),
    command: new TextDecoder().decode(record.value ?? new Uint8Array(0)), // as it came: readers know fields that we do not
    logOffset: record.offset,
    expiresAt: expiresAt === undefined ? new Date(now + KEPT_COMMAND_LIFE_MS) : new Date(expiresAt),
  };
}
