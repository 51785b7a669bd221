import type { LoadCounts, Percentiles } from './load-tally.ts';

const BAR_WIDTH = 24;

/** One line of a progress bar: how far, and what it came to so far. `fraction` from 0 to 1. */
export function progressLine(
  fraction: number,
  { sent, acknowledged, delivered, errors, receiptMs }: LoadCounts,
): string {
  const done = Math.round(Math.min(Math.max(fraction, 0), 1) * BAR_WIDTH);
  const bar = `${'█'.repeat(done)}${'░'.repeat(BAR_WIDTH - done)}`;
  const failed = Object.values(errors).reduce((sum, count) => sum + count, 0);
  const percent = `${Math.round(Math.min(fraction, 1) * 100)} %`.padStart(5);
  const times = receiptMs === null ? '' : `  receipt p99 ${receiptMs.p99} ms`;
  return `${bar} ${percent}  ${sent} sent, ${acknowledged} acknowledged, ${delivered} delivered, ${failed} failed${times}`;
}

/** What a load came to, in lines. */
export function reportLines(counts: LoadCounts, { seconds }: { readonly seconds: number }): readonly string[] {
  const { sent, acknowledged, delivered, heldBack, errors, receiptMs, deliveryMs } = counts;
  return [
    `sent         ${sent} in ${seconds.toFixed(1)} s (${(sent / Math.max(seconds, 0.001)).toFixed(1)} a second)`,
    `acknowledged ${acknowledged}`,
    `delivered    ${delivered}`,
    ...(heldBack > 0 ? [`held back    ${heldBack}: too many had no answer`] : []),
    ...Object.entries(errors).map(([code, count]) => `refused      ${count} ${code}`),
    `send to receipt  ${describe(receiptMs)}`,
    `send to delivery ${describe(deliveryMs)}`,
  ];
}

function describe(times: Percentiles | null): string {
  if (times === null) return 'none';
  return `p50 ${times.p50}, p90 ${times.p90}, p99 ${times.p99}, max ${times.max} ms`;
}
