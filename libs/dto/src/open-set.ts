import { z } from 'zod';

/** How a value of an open set is written, those of later versions included. */
export const OPEN_SET_NAME = /^[A-Z][A-Z_]{0,63}$/;

/**
 * One of `values`, and later versions may add to them: a reader passes over the whole record or frame that has another one,
 * and neither fails nor guesses. The schema refuses such a value, which is how a reader of ours knows it; the JSON Schema
 * lets it pass and names those that are known. Every other set of values is closed: no version adds to it.
 */
export function openSet<const Values extends readonly string[]>(values: Values) {
  return z.enum(values).meta({ isOpenSet: true });
}
