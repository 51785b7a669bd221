import { describe, expect, it } from 'vitest';
import { AUDIT_EXCEPTIONS } from './audit-exceptions.ts';
import { judgeAudit, type AuditException } from './judge-audit.ts';

const TODAY = '2026-11-30';
const URL = 'https://github.com/advisories/GHSA-1';
const REPORT = {
  vulnerabilities: {
    qs: { name: 'qs', severity: 'high', via: [{ url: URL, title: 'reads too much' }] },
    express: { name: 'express', severity: 'high', via: ['qs'] },
  },
};
const EXCEPTION: AuditException = { url: URL, package: 'qs', reason: 'is never called', until: '2026-12-31' };

const problemsOf = (report: object, exceptions: readonly AuditException[]) => {
  const verdict = judgeAudit(report, exceptions, TODAY);
  return verdict.kind === 'JUDGED' ? verdict.problems : verdict.why;
};

describe('the judgement over npm audit', () => {
  it('has nothing against a report without advisories', () => {
    expect(problemsOf({ vulnerabilities: {} }, [])).toEqual([]);
  });

  it('names an advisory once, where it comes from, unless it is explained', () => {
    expect(problemsOf(REPORT, [])).toEqual([`qs (high): reads too much, ${URL}`]);
    expect(problemsOf(REPORT, [EXCEPTION])).toEqual([]);
    expect(problemsOf(REPORT, [{ ...EXCEPTION, package: 'other' }])).toHaveLength(2);
  });

  it('wants an exception looked at again after its day, and taken away with its advisory', () => {
    expect(problemsOf(REPORT, [{ ...EXCEPTION, until: '2026-11-29' }])).toEqual([
      `the exception for qs (${URL}) was until 2026-11-29: look at it anew`,
    ]);
    expect(problemsOf({ vulnerabilities: {} }, [EXCEPTION])).toEqual([
      `nothing needs the exception for qs (${URL}) any more`,
    ]);
  });

  it('takes a registry that serves no advisories for no answer, and not for a clean one', () => {
    expect(problemsOf({ message: '405 Method Not Allowed' }, [])).toBe('405 Method Not Allowed');
    expect(judgeAudit({}, [], TODAY).kind).toBe('UNKNOWN');
  });
});

it('every exception has a reason and a day', () => {
  for (const { reason, until } of AUDIT_EXCEPTIONS) {
    expect(reason.length).toBeGreaterThan(20);
    expect(until).toMatch(/^\d{4}-\d{2}-\d{2}$/);
  }
});
