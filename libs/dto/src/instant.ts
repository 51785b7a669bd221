import { z } from 'zod';

/** ISO-8601 in UTC with `Z`, e.g. "2025-04-29T15:23:00Z"; fractions of a second are allowed. */
export const InstantSchema = z.iso.datetime({ offset: false, local: false });
