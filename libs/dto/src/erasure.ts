import { z } from 'zod';
import { UserIdSchema } from './ids.ts';
import { InstantSchema } from './instant.ts';

const countSchema = z.number().int().min(0);

/** What an erasure still waits for: sessions that may be open or have something under way yet, records that are not stored yet, or its own next step. */
export const ERASURE_WAITS = ['SESSIONS', 'STORING', 'NEXT_STEP'] as const;

/**
 * How far the erasure of a user's data has come. One request does a step; it is repeated until `isComplete`. The counts are of
 * what this step has erased: rooms that the user was taken out of, rows of messages, edits and reactions that lost their content,
 * other rows that are gone.
 */
export const ErasureDTOSchema = z.object({
  userId: UserIdSchema,
  isComplete: z.boolean(),
  /** Absent when it is complete. */
  waitsFor: z.enum(ERASURE_WAITS).optional(),
  requestedAt: InstantSchema,
  roomCount: countSchema,
  messageCount: countSchema,
  otherCount: countSchema,
});
export type ErasureDTO = z.infer<typeof ErasureDTOSchema>;
