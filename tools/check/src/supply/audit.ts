import { spawnSync } from 'node:child_process';
import { AUDIT_EXCEPTIONS } from './audit-exceptions.ts';
import { judgeAudit, type AuditReport } from './judge-audit.ts';

/** `npm run audit`: exit status 0 when every advisory is explained, 1 when one is not, 2 when the registry does not tell. */
const { stdout } = spawnSync('npm', ['audit', '--json', ...process.argv.slice(2)], { encoding: 'utf8' });
const verdict = judgeAudit(parse(stdout), AUDIT_EXCEPTIONS, new Date().toISOString().slice(0, 10));
if (verdict.kind === 'UNKNOWN') {
  console.error(`audit: this registry does not say what is known of the packages: ${verdict.why}`);
  process.exit(2);
}
for (const problem of verdict.problems) console.error(`audit: ${problem}`);
if (verdict.problems.length === 0) console.log('audit: no advisory is unexplained');
process.exit(verdict.problems.length === 0 ? 0 : 1);

function parse(text: string): AuditReport {
  try {
    return JSON.parse(text) as AuditReport; // its shape is npm's; what is not there is not judged
  } catch {
    return { message: 'npm audit has printed no report' };
  }
}
