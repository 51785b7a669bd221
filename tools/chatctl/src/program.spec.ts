import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommanderError } from '@commander-js/extra-typings';
import { describe, expect, it } from 'vitest';
import { EXIT_CODES } from './exit-codes.ts';
import { createProgram } from './program.ts';

/** What the line says on both streams, and the error it ends with; no command does its work. */
async function said(...words: readonly string[]) {
  let [out, err] = ['', ''];
  const program = createProgram({
    run: () => Promise.resolve(),
    writeOut: (text) => void (out += text),
    writeErr: (text) => void (err += text),
  });
  const failure = await program.parseAsync(words, { from: 'user' }).then(
    () => null,
    (error: unknown) => error,
  );
  return { out, err, failure, program };
}

describe('the command line', () => {
  it.each([
    ['token'],
    ['rooms', 'list'],
    ['send'],
    ['tail'],
    ['presence'],
    ['history'],
    ['chat'],
    ['load'],
    ['dead-letters'],
    ['doctor'],
  ])('explains %s %s on standard output, with the options that all have', async (...words) => {
    const { out, err, failure } = await said(...words, '--help');
    expect(failure).toMatchObject({ exitCode: 0 });
    expect(err).toBe('');
    expect(out).toContain(`Usage: chatctl ${words.join(' ')}`);
    expect(out).toContain('--json');
  });

  it.each([
    [['tail', 'x'], /room id: a whole number from 1/],
    [['tail'], /missing required argument 'room'/],
    [['history', '1', '--limit', '500'], /a whole number from 1 to 200/],
    [['load', '--senders', '100000'], /a whole number from 1 to 500/],
    [['load', '--duration', '2'], /a duration such as 90s/],
    [['dead-letters', 'messages'], /Allowed choices are chat-messages/],
    [['tali', '1'], /Did you mean tail\?/],
    [['token', '--usr', '1'], /Did you mean --user\?/],
  ])('refuses %j in a sentence on standard error', async (words, sentence) => {
    const { out, err, failure } = await said(...words);
    expect(failure).toBeInstanceOf(CommanderError);
    expect(out).toBe('');
    expect(err).toMatch(sentence);
  });

  it('takes options that all have before the command and behind it', async () => {
    const options = { json: true, user: 3, wsUrl: ['ws://a', 'ws://b'] };
    const given = ['--json', '--user', '3', '--ws-url', 'ws://a', '--ws-url', 'ws://b'];
    expect((await said(...given, 'tail', '1')).program.opts()).toEqual(options);
    expect((await said('tail', '1', ...given)).program.opts()).toEqual(options);
  });

  it('has its exit codes in its help and in its README', async () => {
    const { out } = await said('--help');
    const readme = readFileSync(join(import.meta.dirname, '../README.md'), 'utf8').replaceAll(/ +\|/g, ' |');
    for (const { code, meaning } of Object.values(EXIT_CODES)) {
      expect(out).toMatch(new RegExp(`^ +${code} +${meaning.replaceAll(/[()]/g, '\\$&')}$`, 'm'));
      expect(readme).toContain(`| ${code} | ${meaning} |`);
    }
  });
});
