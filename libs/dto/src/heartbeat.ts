import { z } from 'zod';
import { InstantSchema } from './instant.ts';

/** The answer to an application heartbeat. */
export const HeartbeatReplyDTOSchema = z.object({
  type: z.literal('PONG'),
  at: InstantSchema,
});
export type HeartbeatReplyDTO = z.infer<typeof HeartbeatReplyDTOSchema>;
