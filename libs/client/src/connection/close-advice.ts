import type { ChatClientErrorCode } from '../error.ts';
import type { ClosedReason } from '../api.ts';

/** Whether to come back after a connection ended, and how (docs/stomp.md, "Close codes"). */
export type CloseAdvice =
  | { readonly comeBack: 'at-once' | 'with-backoff' | 'later' | 'with-new-token' }
  | { readonly comeBack: 'never'; readonly reason: ClosedReason };

/** Of ERROR before a close 1008: with these a new token helps, with any other nothing does. */
const TOKEN_CODES: readonly ChatClientErrorCode[] = ['UNAUTHENTICATED', 'TOKEN_EXPIRED'];

/** `errorCode` is that of the ERROR frame before the close; null where none came. */
export function closeAdvice(closeCode: number, errorCode: ChatClientErrorCode | null): CloseAdvice {
  switch (closeCode) {
    case 1002: // without ERROR it is what a proxy, such as Spring Cloud Gateway, makes of 1012 and 1013
      return errorCode === null ? { comeBack: 'with-backoff' } : { comeBack: 'never', reason: 'protocol' };
    case 1009:
      return { comeBack: 'never', reason: 'too-big' };
    case 4003:
      return { comeBack: 'never', reason: 'revoked' };
    case 1008:
      return errorCode === null || TOKEN_CODES.includes(errorCode)
        ? { comeBack: 'with-new-token' }
        : { comeBack: 'never', reason: 'policy' };
    case 4001:
      return { comeBack: 'with-new-token' };
    case 1012:
      return { comeBack: 'at-once' };
    case 1013:
      return { comeBack: 'later' };
    default:
      return { comeBack: 'with-backoff' }; // 1006 of a cut, and what proxies say; 1000 too, for nobody here said DISCONNECT
  }
}
