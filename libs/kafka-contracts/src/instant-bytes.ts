import { digitsEnd } from './decimal.ts';

const DAYS_OF_MONTH = [0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
/** Bytes of "2025-04-29T15:23:00" and of "2025-04-29T". */
const [SECONDS_END, TIME_AT] = [19, 11];
const [HYPHEN, COLON, POINT, T, Z] = [0x2d, 0x3a, 0x2e, 0x54, 0x5a];

/** The index behind the instant that begins here, written as `InstantSchema` accepts it; -1 where there is none. */
export function instantEnd(bytes: Uint8Array, from: number): number {
  if (from + SECONDS_END >= bytes.length || !isDate(bytes, from) || !isTime(bytes, from + TIME_AT)) return -1;
  let end = from + SECONDS_END;
  if (bytes[end] === POINT) {
    const fraction = end + 1;
    end = digitsEnd(bytes, fraction);
    if (end === fraction) return -1;
  }
  return bytes[end] === Z ? end + 1 : -1;
}

/** A day of the calendar in the form "2025-04-29T". */
function isDate(bytes: Uint8Array, from: number): boolean {
  if (bytes[from + 4] !== HYPHEN || bytes[from + 7] !== HYPHEN || bytes[from + 10] !== T) return false;
  const century = twoDigits(bytes, from);
  const year = twoDigits(bytes, from + 2);
  const month = twoDigits(bytes, from + 5);
  const day = twoDigits(bytes, from + 8);
  if (century < 0 || year < 0 || month < 1 || day < 1) return false;
  const isLeapDay = month === 2 && day === 29 && (year === 0 ? century % 4 === 0 : year % 4 === 0);
  return isLeapDay || day <= (DAYS_OF_MONTH[month] ?? 0);
}

/** A time of the day in the form "15:23:00". */
function isTime(bytes: Uint8Array, from: number): boolean {
  if (bytes[from + 2] !== COLON || bytes[from + 5] !== COLON) return false;
  const hour = twoDigits(bytes, from);
  const minute = twoDigits(bytes, from + 3);
  const second = twoDigits(bytes, from + 6);
  return hour >= 0 && hour <= 23 && minute >= 0 && minute <= 59 && second >= 0 && second <= 59;
}

/** -1 where they are none. */
function twoDigits(bytes: Uint8Array, at: number): number {
  const tens = (bytes[at] ?? 0) - 0x30;
  const ones = (bytes[at + 1] ?? 0) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
