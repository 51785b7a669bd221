import { TYPING_LIFE_MS, UserIdSchema } from '@chat/dto';
import { z } from 'zod';

const typingSignalSchema = z.object({
  /** Which instance says it, so that it passes over what it said itself. */
  origin: z.string().min(1).max(128),
  userId: UserIdSchema,
  /** Null: all sessions of the user, wherever they are. */
  sessionId: z.string().min(1).max(128).nullable(),
  /** How much longer the user types if nothing more is said, in ms; 0: no longer. A span, so that no clocks are compared. */
  lifeMs: z.number().min(0).max(TYPING_LIFE_MS),
});

/** What gateways tell each other about the typing of one session, or of all sessions of a user, in one room. */
export type TypingSignal = Omit<z.infer<typeof typingSignalSchema>, 'origin'>;

export function encodeTypingSignal(origin: string, { userId, sessionId, lifeMs }: TypingSignal): string {
  return JSON.stringify({ origin, userId, sessionId, lifeMs });
}

/** Null for what is no signal; readers ignore fields that they do not know. */
export function decodeTypingSignal(text: string): (TypingSignal & { readonly origin: string }) | null {
  try {
    return typingSignalSchema.safeParse(JSON.parse(text)).data ?? null;
  } catch {
    return null;
  }
}
