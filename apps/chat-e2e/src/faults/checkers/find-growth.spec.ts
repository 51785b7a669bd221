import { describe, expect, it } from 'vitest';
import { changed, is, without } from '../history/edits.ts';
import { recordedRun } from '../history/recorded-run.ts';
import { STORY } from '../simulation/story.ts';
import { CONNECTION_FLOOR, findGrowth, HANDLE_FLOOR, MEMORY_FLOOR_BYTES } from './find-growth.ts';

const growthIn = (events: typeof STORY) => findGrowth(recordedRun(events));
const afterwards = (fields: Readonly<Record<string, number>>) =>
  changed(STORY, is('usage', { isAfter: true }), () => fields);

describe('what an instance holds', () => {
  it.each([
    ['memoryBytes', 50_000_000 + MEMORY_FLOOR_BYTES],
    ['handleCount', 40 + HANDLE_FLOOR],
    ['connectionCount', 20 + CONNECTION_FLOOR],
  ])('may be more by the floor of a small number, and no more: %s', (name, most) => {
    expect(growthIn(afterwards({ [name]: most }))).toEqual([]);
    expect(growthIn(afterwards({ [name]: most + 1 }))).toHaveLength(1);
  });

  it('may be more by a tenth where it is much', () => {
    const much = changed(STORY, is('usage', { isAfter: false }), () => ({ connectionCount: 1_000 }));
    const later = (connectionCount: number) =>
      growthIn(changed(much, is('usage', { isAfter: true }), () => ({ connectionCount })));
    expect(later(1_100)).toEqual([]);
    expect(later(1_101)).toEqual(['ws-gateway-2 held 1000 connections before the faults and 1101 afterwards']);
  });

  it('may be less', () => {
    expect(growthIn(afterwards({ memoryBytes: 5_000_000, handleCount: 4, connectionCount: 0 }))).toEqual([]);
  });

  it('must have been looked at, before and afterwards', () => {
    expect(growthIn(without(STORY, is('usage', { isAfter: false })))).toHaveLength(1);
    expect(growthIn(without(STORY, is('usage', { isAfter: true })))).toEqual([
      'ws-gateway-2 was not looked at afterwards',
    ]);
  });
});
