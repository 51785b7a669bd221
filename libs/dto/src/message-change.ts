import { z } from 'zod';
import { MessageIdSchema, type MessageId } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { REACTION_MAX_CODE_POINTS, REACTIONS_SHOWN_MAX_COUNT } from './limits.ts';
import { CHANGE_KINDS, ClientMessageDTOSchema, MessageDTOSchema, type ChangeKind, type MessageDTO } from './message.ts';
import { textSchema } from './text.ts';

/** What a client sends to change a text of its own: the new `content` whole. */
export const ClientEditDTOSchema = ClientMessageDTOSchema.extend({ targetId: MessageIdSchema });
export type ClientEditDTO = z.infer<typeof ClientEditDTOSchema>;

/** What a client sends to take a message away. */
export const ClientDeleteDTOSchema = z.object({ targetId: MessageIdSchema });
export type ClientDeleteDTO = z.infer<typeof ClientDeleteDTOSchema>;

/** What a client sends to react to a message with an emoji or a short text, or to take that back. */
export const ClientReactionDTOSchema = z.object({
  targetId: MessageIdSchema,
  content: textSchema(1, REACTION_MAX_CODE_POINTS),
  removed: z.boolean().optional(),
});
export type ClientReactionDTO = z.infer<typeof ClientReactionDTOSchema>;

/** How many users react to a message with this content, and whether the reader is one of them. */
export const ReactionCountSchema = z.object({
  content: z.string(),
  count: z.number().int().min(1),
  isOwn: z.boolean(),
});
export type ReactionCount = z.infer<typeof ReactionCountSchema>;

/**
 * A message as the history shows it: its newest `content` and since when it has that; of a deleted one, at its place,
 * an empty `content` and since when; what it is reacted with, most used first, cut after `REACTIONS_SHOWN_MAX_COUNT`.
 */
export const HistoryMessageDTOSchema = MessageDTOSchema.extend({
  editedAt: InstantSchema.optional(),
  deletedAt: InstantSchema.optional(),
  reactions: z.array(ReactionCountSchema).max(REACTIONS_SHOWN_MAX_COUNT).optional(),
});
export type HistoryMessageDTO = z.infer<typeof HistoryMessageDTOSchema>;

/** What an EDIT, DELETE or REACTION says beside its content. */
export interface MessageChange {
  readonly kind: ChangeKind;
  readonly targetId: MessageId;
  /** Whether it takes a reaction back. */
  readonly isRemoval: boolean;
}

/** The change that a message is; null for text and SYSTEM messages, and for one that names no message. */
export function changeOf({
  kind,
  targetId,
  removed,
}: Pick<MessageDTO, 'kind' | 'targetId' | 'removed'>): MessageChange | null {
  if (kind === undefined || targetId === undefined || !isChangeKind(kind)) return null;
  return { kind, targetId, isRemoval: kind === 'REACTION' && removed === true };
}

/** Whether messages of the kind change or mark another one, and so count neither as messages nor as unread. */
export function isChangeKind(kind: string): kind is ChangeKind {
  return (CHANGE_KINDS as readonly string[]).includes(kind);
}
