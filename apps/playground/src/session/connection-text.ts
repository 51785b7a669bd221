import type { ConnectionState } from '@chat/client';

/** How a connection is shown: in a word, in a sentence, and how it feels. */
export interface ConnectionText {
  readonly word: string;
  readonly detail: string;
  readonly mood: 'good' | 'busy' | 'bad' | 'idle';
}

const CLOSED = {
  client: 'hung up, until you connect again',
  unauthenticated: 'the token was not accepted',
  revoked: 'the session was revoked',
  protocol: 'a frame broke the protocol',
  'too-big': 'a frame was too big',
  policy: 'the service forbids it',
} as const;
const OFFLINE = {
  'not-started': 'not started yet',
  paused: 'paused, until you connect again',
  'no-network': 'this browser has no network',
} as const;

/** What to say of a state at a time in ms since 1970. */
export function connectionText(state: ConnectionState, nowMs: number): ConnectionText {
  switch (state.name) {
    case 'connected':
      return { word: 'connected', detail: `session ${state.sessionId}`, mood: 'good' };
    case 'connecting':
      return { word: 'connecting', detail: triesText(state, nowMs), mood: 'busy' };
    case 'recovering':
      return { word: 'recovering', detail: `${triesText(state, nowMs)}; ${lossText(state.loss)}`, mood: 'busy' };
    case 'offline':
      return { word: 'offline', detail: OFFLINE[state.reason], mood: 'idle' };
    case 'closed':
      return {
        word: 'closed',
        detail: state.error === null || state.reason === 'client' ? CLOSED[state.reason] : state.error.message,
        mood: state.reason === 'client' ? 'idle' : 'bad',
      };
  }
}

function triesText({ attempt, retryAt }: { readonly attempt: number; readonly retryAt: number | null }, nowMs: number) {
  if (retryAt === null) return `try ${attempt}`;
  return `try ${attempt} in ${Math.max(0, Math.ceil((retryAt - nowMs) / 1_000))} s`;
}

function lossText({ code, error }: { readonly code: number; readonly error: { readonly message: string } | null }) {
  return error === null ? `lost (${code})` : `lost (${code}, ${error.message})`;
}
