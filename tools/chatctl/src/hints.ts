const IS_IT_THERE = 'Is it started? `chatctl doctor` tells more.';

/** What helps against a failure, by its code, where the command line has a remedy. */
const HINTS: Readonly<Record<string, string>> = {
  NOT_A_MEMBER: 'Join the room first: chatctl rooms join <room>',
  UNAUTHENTICATED: 'Make a token with `chatctl token`, or let chatctl do it: leave out --token and CHAT_TOKEN.',
  TOKEN_EXPIRED: 'Make a new one with `chatctl token`, or let chatctl do it: leave out --token and CHAT_TOKEN.',
  UNREACHABLE: IS_IT_THERE,
  CONNECTION_LOST: IS_IT_THERE,
  TIMEOUT: IS_IT_THERE,
  FAILED: 'Nobody foresaw this: --verbose tells where in the code it happened.',
  UNAVAILABLE: '`chatctl doctor` tells which part does not answer.',
};

/** A sentence for people; null where there is none. */
export function hintFor(code: string): string | null {
  return HINTS[code] ?? null;
}
