import { describe, expect, it } from 'vitest';
import { PartitionPosition } from './partition-position.ts';

const state = ({ next, fetchOffset }: PartitionPosition) => ({ next, fetchOffset });

describe('the position in a partition', () => {
  it('goes on behind the last record, and fetches go on behind the markers that follow it', () => {
    const position = new PartitionPosition(5);
    position.advance(8, 9);
    expect(state(position)).toEqual({ next: 8, fetchOffset: 9 });
  });

  it('stays where it is while fetches pass markers and aborted records', () => {
    const position = new PartitionPosition(5);
    position.passHidden(5, 6);
    position.passHidden(7, 7);
    expect(state(position)).toEqual({ next: 5, fetchOffset: 8 });
  });

  it('does not pass hidden records that are not the next in line', () => {
    const position = new PartitionPosition(5);
    position.passHidden(6, 9);
    position.passHidden(1, 4);
    expect(state(position)).toEqual({ next: 5, fetchOffset: 5 });
  });

  it('may begin with fetches of what was processed', () => {
    const position = new PartitionPosition(5, 2);
    position.passHidden(2, 3);
    expect(state(position)).toEqual({ next: 5, fetchOffset: 4 });
    position.advance(6, 6);
    expect(state(position)).toEqual({ next: 6, fetchOffset: 6 });
  });

  it('never goes back', () => {
    const position = new PartitionPosition(5);
    position.advance(3, 4);
    expect(state(position)).toEqual({ next: 5, fetchOffset: 5 });
  });
});
