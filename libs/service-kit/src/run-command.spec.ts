import { describe, expect, it } from 'vitest';
import { setting, text } from './config.ts';
import { runCommand, type CommandDefinition } from './run-command.ts';

const settings = { url: setting('URL', text(), 'where') };

async function run(work: CommandDefinition<typeof settings>['run'], env: Record<string, string> = { URL: 'x' }) {
  const out: string[] = [];
  const err: string[] = [];
  const codes: number[] = [];
  await runCommand(
    { name: 'a-command', settings, run: work },
    {
      argv: [],
      env,
      exit: (code) => void codes.push(code),
      stdout: { write: (line) => out.push(line) },
      stderr: { write: (line) => err.push(line) },
    },
  );
  return { out: out.join(''), err: err.join(''), codes };
}

describe('the run of a command', () => {
  it('says its lines and ends with 0', async () => {
    const result = await run(async ({ url }, { say }) => say(`done at ${url}`));
    expect(result).toEqual({ out: 'done at x\n', err: '', codes: [0] });
  });

  it('ends with 1 and the reason', async () => {
    const result = await run(() => Promise.reject(new Error('somebody is at it')));
    expect(result).toEqual({ out: '', err: 'a-command: somebody is at it\n', codes: [1] });
  });

  it('does nothing with a bad configuration, and ends with 78', async () => {
    const result = await run(() => Promise.reject(new Error('never')), {});
    expect(result.codes).toEqual([78]);
    expect(result.err).toContain('URL is required');
  });
});
