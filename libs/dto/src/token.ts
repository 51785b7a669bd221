import { z } from 'zod';

/** What a client says before the token of its session expires: a new one of the same user. */
export const ClientRefreshDTOSchema = z.object({
  token: z.string().min(1),
});
export type ClientRefreshDTO = z.infer<typeof ClientRefreshDTOSchema>;
