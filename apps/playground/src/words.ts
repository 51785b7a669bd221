const CLOCK = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', hour12: false });

/** Hour and minute of an instant in ISO 8601. */
export function clockTime(at: string): string {
  return CLOCK.format(new Date(at));
}

const FINE_CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  fractionalSecondDigits: 3,
  hour12: false,
});

/** Down to milliseconds, of an instant in ms since 1970. */
export function fineTime(at: number): string {
  return FINE_CLOCK.format(at);
}

/** A latency for people: "3.2 ms", "1,204 ms", or a dash for none. */
export function milliseconds(value: number | null): string {
  if (value === null) return '–';
  return `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} ms`;
}
