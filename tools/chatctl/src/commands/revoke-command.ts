import type { CommandDTO, RevocationRequest } from '@chat/dto';
import type { CommandContext } from '../context.ts';
import { UsageError } from '../failure.ts';
import { callInternal } from '../internal-call.ts';
import type { Revocable } from './revocable.ts';

export interface RevokeOptions {
  readonly kind: Revocable;
  readonly id: string;
  /** Of rooms-api. */
  readonly internalUrl?: string | undefined;
}

/** Ends the sessions that are meant within a second, and has their tokens refused from then on. */
export async function revokeCommand(context: CommandContext, { kind, id, internalUrl }: RevokeOptions): Promise<void> {
  const body = requestOf(kind, id);
  const command = await callInternal<CommandDTO>(context, { method: 'POST', path: '/revocations', body, internalUrl });
  context.output.result(command, () => `${kind} ${id} is revoked as of ${command.createdAt}`);
}

function requestOf(kind: Revocable, id: string): Partial<RevocationRequest> {
  if (kind === 'session') return { sessionId: id };
  if (kind === 'token') return { tokenId: id };
  if (!/^[1-9][0-9]{0,15}$/.test(id)) throw new UsageError('The id of a user is a number');
  return { userId: Number(id) as RevocationRequest['userId'] }; // rooms-api judges it
}
