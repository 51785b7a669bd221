import type { AuditException } from './judge-audit.ts';

/** Advisories that do no harm here, each with the reason. None so far. */
export const AUDIT_EXCEPTIONS: readonly AuditException[] = [];
