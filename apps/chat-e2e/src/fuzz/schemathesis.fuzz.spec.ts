import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, expect, inject, it } from 'vitest';
import { newPerson } from '../clients/person.ts';
import { useSharedChat } from '../shared-chat.ts';
import { FIRST_SEED, FUZZ_TIMEOUT_MS, LONG_SECONDS } from './fuzz-scenes.ts';

const chat = useSharedChat();
/** Of the virtual environment that it is installed in. */
const PYTHON = process.env['CHAT_FUZZ_PYTHON'] ?? 'python3';
const DOCUMENT = join(import.meta.dirname, '../../../../docs/openapi.json');
/** What a JSON Schema cannot say: a body may be refused for a word in it that no schema forbids. */
const NOT_CHECKED = ['positive_data_acceptance'];

describe('schemathesis', () => {
  it('finds no answer that the OpenAPI document does not have', { timeout: FUZZ_TIMEOUT_MS }, async () => {
    const options = [
      ...['--url', chat.addresses.restUrl, '--header', `Authorization: Bearer ${newPerson('fuzz').token}`],
      ...['--max-time', String(LONG_SECONDS), '--seed', String(FIRST_SEED), '--continue-on-failure', '--no-color'],
      ...['--exclude-checks', NOT_CHECKED.join(), '--generation-database', 'none', '--request-timeout', '5'],
    ];
    const child = spawn(PYTHON, ['-m', 'schemathesis.cli', 'run', DOCUMENT, ...options], {
      stdio: ['ignore', 'pipe', 'inherit'],
      cwd: inject('logFolder'), // it keeps notes where it is
    });
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => void (output += chunk.toString('utf8')));
    const [code] = (await once(child, 'close')) as [number | null];
    console.log(output);
    expect(code).toBe(0);
  });
});
