import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withSection } from '@chat/testing';
import { describe, expect, it } from 'vitest';
import { isPassed, reportText, SECTION, type ClientReport } from './report-text.ts';
import { STEPS, type Step, type StepResult } from './steps.ts';

const setting = { date: '2026-11-24', idleMs: 60_000, languages: ['Go 1.26.8', 'Java 17.0.15'] };

function clientWith(title: string, others: Partial<Record<Step, Omit<StepResult, 'step'>>> = {}): ClientReport {
  const results = STEPS.map((step) => ({ step, ...(others[step] ?? { outcome: 'ok' as const, note: null }) }));
  return { title, version: '1.2.3', results };
}

const limited = clientWith('spring', { commit: { outcome: 'cannot', note: 'no COMMIT' } });
const broken = clientWith('go-stomp', {
  commit: { outcome: 'failed', note: 'no RECEIPT' },
  disconnect: { outcome: 'ok', note: 'no COMMIT' },
});

describe('the table of clients', () => {
  it('says when it was made and with what', () => {
    expect(reportText([limited], setting)).toMatch(/^2026-11-24, Go 1\.26\.8, Java 17\.0\.15; idle for 60 s\.\n/);
  });

  it('has a step a row and a client a column, and each reason once below', () => {
    const text = reportText([limited, broken], setting);
    expect(text).toContain('| step                  | spring 1.2.3 | go-stomp 1.2.3 |');
    expect(text).toContain('| commit                | cannot (1)   | **failed** (2) |');
    expect(text).toContain('| disconnect            | ok           | ok (1)         |');
    expect(text.endsWith('\n\n1. no COMMIT\n2. no RECEIPT')).toBe(true);
  });
});

describe('the document', () => {
  const document = readFileSync(join(import.meta.dirname, '../../../docs/interop.md'), 'utf8');

  it('has a place for the table', () => {
    const text = reportText([limited], setting);
    expect(withSection(document, SECTION, text)).toContain(text);
  });

  it('explains every step', () => {
    for (const step of STEPS) expect(document).toContain(`| \`${step}\``);
  });
});

describe('a run', () => {
  it('passes when clients only leave out what they cannot do', () => {
    expect(isPassed([clientWith('webstomp'), limited])).toBe(true);
  });

  it('fails with one step of one client, reported or not', () => {
    expect(isPassed([limited, broken])).toBe(false);
    expect(isPassed([{ ...limited, results: limited.results.slice(1) }])).toBe(false);
  });
});
