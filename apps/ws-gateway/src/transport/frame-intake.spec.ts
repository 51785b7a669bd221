import { createFrame, DEFAULT_FRAME_LIMITS, serializeFrame } from '@chat/stomp';
import { describe, expect, it } from 'vitest';
import { FrameIntake, type Arrival } from './frame-intake.ts';

const frame = serializeFrame(createFrame('SEND', { destination: '/app/heartbeat' }), '1.2');
const lineFeed = Uint8Array.of(10);

function takeAll(intake: FrameIntake): number[] {
  const times: number[] = [];
  for (let arrival: Arrival | null = intake.next(); arrival !== null; arrival = intake.next()) {
    times.push(arrival.receivedAt);
  }
  return times;
}

describe('the intake of frames', () => {
  it('tells of each frame when its own bytes came, however late it is taken', () => {
    const intake = new FrameIntake(DEFAULT_FRAME_LIMITS);
    intake.push(Buffer.concat([frame, frame]), 1);
    intake.push(lineFeed, 2);
    intake.push(frame, 3);
    expect(takeAll(intake)).toEqual([1, 1, 2, 3]);
  });

  it('takes a frame in parts for come with the last of them', () => {
    const intake = new FrameIntake(DEFAULT_FRAME_LIMITS);
    intake.push(Buffer.concat([frame, frame.subarray(0, 5)]), 1);
    expect(takeAll(intake)).toEqual([1]);
    intake.push(frame.subarray(5, 7), 2);
    expect(takeAll(intake)).toEqual([]);
    intake.push(Buffer.concat([frame.subarray(7), lineFeed]), 3);
    expect(takeAll(intake)).toEqual([3, 3]);
  });
});
