import { tableOf } from '@chat/testing';
import type { BenchReport, Target } from './bench.ts';

/** A report as Markdown, to be read in a terminal as well; `setting` says when and where it was measured. */
export function reportText(report: BenchReport, setting: string): string {
  const parameters = Object.entries(report.parameters).map(([name, value]) => `${name} ${value}`);
  return [
    [setting, `Parameters: ${parameters.join(', ')}.`].join('\n'),
    report.about.map((sentence) => `- ${sentence}`).join('\n'),
    tableOf(report.head, report.rows),
    ...(report.targets.length === 0 ? [] : [report.targets.map(targetLine).join('\n')]),
  ].join('\n\n');
}

function targetLine({ rule, measured, isMet }: Target): string {
  return `- ${isMet ? 'Met' : '**Missed**'}: ${rule}. Measured: ${measured}.`;
}
