import { z } from 'zod';
import { MessageIdSchema, RoomIdSchema, UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';
import { MESSAGE_KINDS } from './message.ts';
import { OPEN_SET_NAME, openSet } from './open-set.ts';

const countSchema = z.number().int().min(0);

/** How far a message has come: it was refused, repeats another one, is in the log, or is in the record. */
export const MESSAGE_OUTCOMES = ['REFUSED', 'REPEATED', 'ACCEPTED', 'STORED'] as const;

/** How a gateway answered a SEND: with the id of its message, or with a code. */
export const SendAnswerSchema = z.object({
  /** The gateway. */
  instanceId: z.string(),
  at: InstantSchema,
  roomId: RoomIdSchema,
  senderId: UserIdSchema,
  clientMessageId: z.string().optional(),
  messageId: MessageIdSchema.optional(),
  code: z.string().regex(OPEN_SET_NAME).optional(),
});
export type SendAnswer = z.infer<typeof SendAnswerSchema>;

/**
 * What a gateway did with a message when it came by in the log: to how many subscriptions it handed it, and for how many that were
 * not live yet it kept it. One that repeats another message goes to nobody.
 */
export const MessagePassageSchema = z.object({
  instanceId: z.string(),
  at: InstantSchema,
  roomId: RoomIdSchema,
  partition: countSchema,
  offset: countSchema,
  deliveredCount: countSchema,
  heldCount: countSchema,
  repeatOf: MessageIdSchema.optional(),
});
export type MessagePassage = z.infer<typeof MessagePassageSchema>;

/** What one gateway remembers of a message, newest last. */
export const MessageMemoryDTOSchema = z.object({
  answers: z.array(SendAnswerSchema),
  passages: z.array(MessagePassageSchema),
});
export type MessageMemoryDTO = z.infer<typeof MessageMemoryDTOSchema>;

/**
 * The story of a message: what the record says for good, and what the gateways that run still remember. What is absent is not
 * known, or is not so. `answers` tells of each SEND of it, refused and repeated ones too; `notHeard` names whom nobody heard.
 */
export const MessageTraceDTOSchema = z.object({
  outcome: openSet(MESSAGE_OUTCOMES),
  messageId: MessageIdSchema.optional(),
  roomId: RoomIdSchema.optional(),
  senderId: UserIdSchema.optional(),
  clientMessageId: z.string().optional(),
  kind: openSet(MESSAGE_KINDS).optional(),
  acceptedBy: z.string().optional(),
  acceptedAt: InstantSchema.optional(),
  position: z.object({ epoch: countSchema.optional(), partition: countSchema, offset: countSchema }).optional(),
  storedAt: InstantSchema.optional(),
  recipients: z.object({ recipientCount: countSchema, deliveredCount: countSchema, readCount: countSchema }).optional(),
  repeatOf: MessageIdSchema.optional(),
  answers: z.array(SendAnswerSchema),
  gateways: z.array(MessagePassageSchema),
  notHeard: z.array(z.object({ name: z.string(), reason: z.string() })),
});
export type MessageTraceDTO = z.infer<typeof MessageTraceDTOSchema>;
