import { readFile } from 'node:fs/promises';
import { commonSettings, describeSettings } from '@chat/service-kit';
import { expect, it } from 'vitest';
import { presenceWorkerSettings } from './config.ts';

it('has every variable with its default in the README', async () => {
  const readme = (await readFile(new URL('../README.md', import.meta.url), 'utf8')).replaceAll(/ +/g, ' ');
  for (const { env, standard, about } of describeSettings({ ...presenceWorkerSettings, ...commonSettings })) {
    expect(readme).toContain(`| \`${env}\` | ${standard} | ${about} |`);
  }
});
