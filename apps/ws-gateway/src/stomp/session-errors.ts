/** Codes of ERROR that are the session's own; all others are the codec's, or those that REST has as well. */
export const SESSION_ERRORS = {
  PROTOCOL_ERROR: 'The frame lacks a header that it needs, names what there is not, or has no place here.',
  VERSION_NOT_SUPPORTED: 'There is no version that both sides speak; header `version` names ours.',
  CONNECT_TIMEOUT: 'No complete CONNECT came in time.',
} as const;
export type SessionErrorCode = keyof typeof SESSION_ERRORS;
