import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { placeOf, readCodeBlocks, runOf, type CodeBlock } from '@chat/check';
import { createToken, eventually } from '@chat/testing';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { newPerson } from './clients/person.ts';
import { Chatctl, ROOT_DIR, startCommand } from './harness/chatctl.ts';

/** Longest wait for what a block prints, in ms. */
const PRINT_DEADLINE_MS = 30_000;

const chat = inject('chat');
const ctl = new Chatctl(chat);
/** From here the blocks see the packages that are installed; git and the checks leave it alone. */
mkdirSync(join(ROOT_DIR, '.local'), { recursive: true });
const folder = mkdtempSync(join(ROOT_DIR, '.local/doc-blocks-'));
afterAll(() => {
  ctl.cleanUp();
  rmSync(folder, { recursive: true, force: true });
});

/** Addresses of the documents, and those of the chat under test. */
const ADDRESSES: Readonly<Record<string, string>> = {
  'http://127.0.0.1:8080': chat.restUrl,
  'ws://127.0.0.1:8081/ws': chat.wsUrls[0],
  'ws://127.0.0.1:8082/ws': chat.wsUrls[1],
};

/** What the commands of a shell left in its environment, for the next block. */
let env: NodeJS.ProcessEnv = {};
const owner = newPerson('alice');

beforeAll(async () => {
  const token = createToken({ userId: owner.id, claims: { username: owner.username } });
  const { stdout } = await ctl.run(['rooms', 'create', 'documents'], { env: { CHAT_TOKEN: token } });
  env = {
    ...ctl.env,
    PATH: `${join(ROOT_DIR, 'node_modules/.bin')}:${process.env['PATH']}`,
    CHAT_TOKEN: token,
    ROOM: stdout.trim(),
  };
});

const executed = readCodeBlocks()
  .map((block) => ({ block, run: runOf(block), place: placeOf(block) }))
  .flatMap(({ block, run, place }) => (run.kind === 'EXECUTE' ? [{ block, place, until: run.until }] : []));

function textOf({ text }: CodeBlock): string {
  return Object.entries(ADDRESSES).reduce((changed, [from, to]) => changed.replaceAll(from, to), text);
}

/** The block as a program: a shell that leaves its environment behind, or a module. */
function programOf(block: CodeBlock, name: string): { readonly command: string; readonly args: readonly string[] } {
  if (block.language === 'sh') {
    const kept = `node -e 'fs.writeFileSync("${join(folder, 'env.json')}", JSON.stringify(process.env))'`;
    return { command: 'bash', args: ['--norc', '--noprofile', '-euo', 'pipefail', '-c', `${textOf(block)}\n${kept}`] };
  }
  const file = join(folder, `${name}.${block.language === 'js' ? 'mjs' : 'mts'}`);
  writeFileSync(file, textOf(block));
  return { command: process.execPath, args: ['--conditions=@chat/source', file] };
}

describe('what the documents show works as they show it', () => {
  it.each(executed)('$place', async ({ block, until, place }) => {
    const { command, args } = programOf(block, place.replaceAll(/[^a-z0-9]/gi, '-'));
    const { child, output, ended } = startCommand(command, args, { env, stdin: '' });
    if (until === null) {
      const { code, stdout, stderr } = await ended;
      expect(code, `${stdout}\n${stderr}`).toBe(0);
      if (block.language === 'sh')
        env = JSON.parse(readFileSync(join(folder, 'env.json'), 'utf8')) as NodeJS.ProcessEnv; // written above
      return;
    }
    try {
      await eventually(() => expect(`${output().stdout}\n${output().stderr}`).toContain(until), {
        deadlineMs: PRINT_DEADLINE_MS,
      });
    } finally {
      child.kill('SIGKILL');
      await ended;
    }
  });
});
