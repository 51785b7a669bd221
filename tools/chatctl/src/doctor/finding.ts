/** What was looked at. */
export const AREAS = ['kafka', 'redis', 'postgres', 'clock', 'apps'] as const;
export type Area = (typeof AREAS)[number];

/** An error must be mended, a warning should be known. */
export type Level = 'ok' | 'warning' | 'error';

/** One thing that doctor found, in a sentence; where something is wrong with what to do about it. */
export interface Finding {
  readonly area: Area;
  readonly level: Level;
  readonly finding: string;
  readonly remedy?: string;
}

/** Findings of one area. */
export function findingsOf(area: Area) {
  return {
    ok: (finding: string): Finding => ({ area, level: 'ok', finding }),
    warning: (finding: string, remedy: string): Finding => ({ area, level: 'warning', finding, remedy }),
    error: (finding: string, remedy: string): Finding => ({ area, level: 'error', finding, remedy }),
  };
}

/** Whether nothing must be mended. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ level }) => level !== 'error');
}
