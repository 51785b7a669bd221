import { randomUUID } from 'node:crypto';
import type { Revocations } from '@chat/auth';
import type { InstanceNumberRepository, RevocationRepository } from '@chat/database';
import {
  REVOKE_COMMAND,
  revocationOf,
  type CommandDTO,
  type Revocation,
  type RevocationRequest,
  type UserId,
} from '@chat/dto';
import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import { instantOf, withDeadline, type Clock, type Logger } from '@chat/service-kit';
import { UNHEEDING_LOOK_MS } from '../limits.ts';
import { refuseBesideUnheeding } from './refuse-beside-unheeding.ts';

export interface RevokeAccessOptions {
  /** Resolves once Kafka has it. */
  readonly publish: (command: CommandDTO) => Promise<unknown>;
  readonly revocations: Pick<Revocations, 'take'>;
  readonly stored: Pick<RevocationRepository, 'saveRevocation'>;
  readonly instanceNumbers: Pick<InstanceNumberRepository, 'countUnheedingHolders'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Use case of `POST …/revocations`: a command that every instance hears of. It is stored here as well, so that who starts meanwhile
 * knows it, however far behind message-persister is; that may fail, since message-persister stores it too.
 */
export async function revokeAccess(request: RevocationRequest, options: RevokeAccessOptions): Promise<CommandDTO> {
  await refuseOrGoOn(options);
  const { command, revocation } = await publishRevocation(request, options);
  if (revocation === null) return command;
  try {
    await options.stored.saveRevocation(revocation);
  } catch (error) {
    options.logger.warn({ err: error }, 'a revocation is not stored yet; message-persister stores it');
  }
  return command;
}

/**
 * Ends all sessions of a user and revokes their tokens. Resolves once both Kafka and Postgres have that: an instance that does not
 * hear of it by the one finds it in the other a few seconds later.
 */
export async function endSessionsOf(userId: UserId, options: RevokeAccessOptions): Promise<void> {
  const { revocation } = await publishRevocation({ userId }, options);
  if (revocation !== null) await options.stored.saveRevocation(revocation);
}

/** Without Postgres nobody knows which instances run: who is to be shut out does not wait for that. */
async function refuseOrGoOn({ instanceNumbers, logger }: RevokeAccessOptions): Promise<void> {
  const look = () =>
    withDeadline(instanceNumbers.countUnheedingHolders(), UNHEEDING_LOOK_MS, 'looking for older instances');
  const countUnheedingHolders = () =>
    look().catch((error: unknown) => {
      logger.warn({ err: error }, 'whether older instances run, which heed no revocations, is not known');
      return 0;
    });
  await refuseBesideUnheeding({ countUnheedingHolders });
}

/** Published, and known here; null for the revocation of a session, which is nothing to store. */
async function publishRevocation(
  request: RevocationRequest,
  { publish, revocations, clock }: RevokeAccessOptions,
): Promise<{ readonly command: CommandDTO; readonly revocation: Exclude<Revocation, { kind: 'session' }> | null }> {
  const now = clock.now();
  const command: CommandDTO = {
    id: randomUUID(),
    target: request.userId === undefined ? 'all' : `user:${request.userId}`,
    name: REVOKE_COMMAND,
    payload: JSON.parse(JSON.stringify(request)) as CommandDTO['payload'], // without what was left out
    createdAt: instantOf(now),
  };
  await publish(command);
  const revocation = revocationOf(command, now);
  if (revocation === null || typeof revocation === 'string' || revocation.kind === 'session')
    return { command, revocation: null };
  revocations.take(revocation);
  return { command, revocation };
}

/** `command-messages` → what this instance knows to be revoked; other commands are not for it. */
export function takeRevocations(
  records: readonly RawRecord[],
  revocations: Pick<Revocations, 'take'>,
  clock: Clock,
): void {
  for (const { value } of records) {
    const decoded = decodeRecord('command-messages', value);
    const revocation = decoded.ok ? revocationOf(decoded.value, clock.now()) : null;
    if (revocation !== null && typeof revocation !== 'string') revocations.take(revocation); // message-persister sets aside what is none
  }
}
