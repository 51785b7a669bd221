import { describe, expect, it } from 'vitest';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { findLogLeaks } from './find-log-leaks.ts';

describe('a leak into a log', () => {
  it('is none where none was found', () => {
    expect(findLogLeaks(recordedRun(STORY))).toEqual([]);
  });

  it('is each that was found', () => {
    const leak = { type: 'leak', at: 1, what: 'a content', place: 'ws-gateway-1.log' } as const;
    expect(findLogLeaks(recordedRun([...STORY, leak]))).toEqual(['a content in ws-gateway-1.log']);
  });
});
