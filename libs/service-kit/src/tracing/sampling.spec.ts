import { describe, expect, it } from 'vitest';
import { sampleCaller } from './sampling.ts';
import { parseTraceParent } from './trace-context.ts';

const SAMPLED = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const UNSAMPLED = SAMPLED.replace(/01$/, '00');
const rules = { ratio: 0.25, trustsCallers: false };
const low = { ...rules, random: () => 0.1 };
const high = { ...rules, random: () => 0.9 };

describe('what callers ask', () => {
  it('is traced as far as the share goes', () => {
    expect(sampleCaller(undefined, low)).toEqual({ parent: null });
    expect(sampleCaller(undefined, high)).toBeNull();
  });

  it('goes on in the trace of a caller who samples it', () => {
    expect(sampleCaller(SAMPLED, low)).toEqual({ parent: parseTraceParent(SAMPLED) });
  });

  it('is traced no more for a caller who says so, or chooses its trace id', () => {
    expect(sampleCaller(SAMPLED, high)).toBeNull();
    expect(sampleCaller(`00-${'0'.repeat(31)}1-b7ad6b7169203331-01`, high)).toBeNull();
  });

  it('is traced less for a caller who does not sample it', () => {
    expect(sampleCaller(UNSAMPLED, low)).toBeNull();
    expect(sampleCaller(UNSAMPLED, { ...low, trustsCallers: true })).toBeNull();
  });

  it('is traced whatever the share for a caller who is trusted and samples it', () => {
    expect(sampleCaller(SAMPLED, { ...high, trustsCallers: true })).toEqual({ parent: parseTraceParent(SAMPLED) });
    expect(sampleCaller(undefined, { ...high, trustsCallers: true })).toBeNull();
  });

  it('begins a trace of its own where the traceparent is none', () => {
    expect(sampleCaller('00-zz', low)).toEqual({ parent: null });
    expect(sampleCaller('00-zz', { ...high, trustsCallers: true })).toBeNull();
  });

  it('is all traced at 1, and nothing at 0', () => {
    expect(sampleCaller(undefined, { ...rules, ratio: 1, random: () => 0.999_999 })).not.toBeNull();
    expect(sampleCaller(undefined, { ...rules, ratio: 0, random: () => 0 })).toBeNull();
  });
});
