import type { Spread } from './statistics.ts';

/** Three significant digits, thousands separated: 1.23, 45.6, 789, 12,300. */
export function figure(value: number): string {
  if (value === 0 || !Number.isFinite(value)) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return Number(value.toPrecision(3)).toLocaleString('en-US', {
    minimumFractionDigits: digits,
    maximumFractionDigits: 20,
  });
}

/** "4.52 (4.31 to 4.80)": the median and the ends, after scaling. */
export function spreadText({ median, min, max }: Spread, scale = 1): string {
  return `${figure(median * scale)} (${figure(min * scale)} to ${figure(max * scale)})`;
}
