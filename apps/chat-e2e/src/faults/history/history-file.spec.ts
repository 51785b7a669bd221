import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { simulatedRun } from '../simulation/simulated-run.ts';
import { STORY } from '../simulation/story.ts';
import { HistoryFile, readHistory } from './history-file.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'history-'))));
afterEach(() => rmSync(folder, { recursive: true }));

describe('a history in a file', () => {
  it('is read as it was written, in its order', async () => {
    const events = [...STORY, ...Array.from({ length: 20 }, (_, seed) => simulatedRun(seed)).flat()];
    const file = new HistoryFile(join(folder, 'run.jsonl'));
    for (const event of events) file.append(event);
    await file.close();

    expect(await readHistory(file.path)).toEqual(events);
  });

  it.each([
    ['{"type":"unheard of","at":1}', 'there is no event "unheard of"'],
    ['{"type":"toString","at":1}', 'there is no event "toString"'],
    ['{"type":"ended"}', 'ended.at cannot be undefined'],
    ['{"type":"closed","at":1,"session":"2","code":1000}', 'closed.session cannot be "2"'],
    ['{"type":"fault","at":1,"fault":1,"name":"F1","target":null,"freezes":[1]}', 'fault.freezes cannot be [1]'],
    ['[]', 'there is no event undefined'],
    ['null', 'the line is no JSON object'],
    ['{"type":"ended","at":', 'Unexpected end of JSON input'],
  ])('says which line is none: %s', async (line, problem) => {
    const path = join(folder, 'bad.jsonl');
    writeFileSync(path, `{"type":"healed","at":0}\n${line}\n`);

    await expect(readHistory(path)).rejects.toThrow(`${path}:2: SyntaxError: ${problem}`);
  });

  it('says when it cannot be written', async () => {
    const file = new HistoryFile(join(folder, 'nowhere', 'run.jsonl'));
    file.append(STORY[0]!);

    await expect(file.close()).rejects.toThrow('ENOENT');
  });
});
