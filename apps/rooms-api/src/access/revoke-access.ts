import { randomUUID } from 'node:crypto';
import type { Revocations } from '@chat/auth';
import type { RevocationRepository } from '@chat/database';
import { REVOKE_COMMAND, revocationOf, type CommandDTO, type RevocationRequest } from '@chat/dto';
import { decodeRecord, type RawRecord } from '@chat/kafka-contracts';
import { instantOf, type Clock, type Logger } from '@chat/service-kit';

export interface RevokeAccessOptions {
  /** Resolves once Kafka has it. */
  readonly publish: (command: CommandDTO) => Promise<unknown>;
  readonly revocations: Pick<Revocations, 'take'>;
  readonly stored: Pick<RevocationRepository, 'saveRevocation'>;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Use case of `POST …/revocations`: a command that every instance hears of. It is stored here as well, so that who starts meanwhile
 * knows it, however far behind message-persister is; that may fail, since message-persister stores it too.
 */
export async function revokeAccess(request: RevocationRequest, options: RevokeAccessOptions): Promise<CommandDTO> {
  const { publish, revocations, stored, clock, logger } = options;
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
  if (revocation === null || typeof revocation === 'string' || revocation.kind === 'session') return command;
  revocations.take(revocation);
  try {
    await stored.saveRevocation(revocation);
  } catch (error) {
    logger.warn({ err: error }, 'a revocation is not stored yet; message-persister stores it');
  }
  return command;
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
