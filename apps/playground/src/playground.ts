import type { ObservedFrame } from '@chat/client';
import { createContext, useContext } from 'react';
import { createBatch } from './batch.ts';
import type { Configuration } from './configuration.ts';
import { addSamples, type Sample } from './graph/series.ts';
import { addFrames, EMPTY_LOG, HEART_BEAT, type FrameLog, type NewFrame, type Side } from './inspector/frame-log.ts';
import { createLatencyMeter, type LatencyMeter } from './latency-meter.ts';
import type { Session } from './session/session.ts';
import { createControlClient, type ControlClient } from './stack/control-client.ts';
import { createStore, type MutableStore } from './store.ts';

export const SIDES = ['left', 'right'] as const satisfies readonly Side[];
export type PerSide<Value> = Readonly<Record<Side, Value>>;

/** What went wrong and no form shows; the newest ones. */
export interface Problem {
  readonly id: number;
  readonly text: string;
}

const PROBLEMS_MAX_COUNT = 4;
const BATCH = { everyMs: 60, maxCount: 200 };

/** What the parts of the page share. */
export interface Playground {
  readonly configuration: Configuration;
  readonly control: ControlClient;
  readonly frames: MutableStore<FrameLog>;
  readonly samples: MutableStore<readonly Sample[]>;
  readonly meter: LatencyMeter;
  readonly sessions: MutableStore<PerSide<Session | null>>;
  readonly openRooms: MutableStore<PerSide<number | null>>;
  /** Rises when the rooms of a user have changed by what the other one did here. */
  readonly roomsVersion: MutableStore<number>;
  readonly problems: MutableStore<readonly Problem[]>;
  observe(side: Side, frame: ObservedFrame): void;
  /** Tells the person of a failure; may be given any thrown value. */
  report(error: unknown): void;
}

export function createPlayground(configuration: Configuration): Playground {
  const frames = createStore(EMPTY_LOG);
  const samples = createStore<readonly Sample[]>([]);
  const problems = createStore<readonly Problem[]>([]);
  const takeFrame = createBatch<NewFrame>((added) => frames.update((log) => addFrames(log, added)), BATCH);
  const meter = createLatencyMeter(
    createBatch<Sample>((added) => samples.update((known) => addSamples(known, added)), BATCH),
    () => performance.now(),
  );
  let problemCount = 0;
  return {
    configuration,
    control: createControlClient(configuration),
    frames,
    samples,
    meter,
    sessions: createStore<PerSide<Session | null>>({ left: null, right: null }),
    openRooms: createStore<PerSide<number | null>>({ left: null, right: null }),
    roomsVersion: createStore(0),
    problems,
    observe(side, frame) {
      meter.observe(frame);
      takeFrame(logged(side, frame));
    },
    report(error) {
      const text = error instanceof Error ? error.message : String(error);
      problemCount += 1;
      const problem = { id: problemCount, text };
      problems.update((shown) => [...shown.filter((one) => one.text !== text), problem].slice(-PROBLEMS_MAX_COUNT));
    },
  };
}

function logged(side: Side, { at, direction, command, headers, body }: ObservedFrame): NewFrame {
  const name = command === 'HEART-BEAT' ? HEART_BEAT : command;
  return { side, at, direction, command: name, headers: Object.entries(headers), body };
}

export const PlaygroundContext = createContext<Playground | null>(null);

export function usePlayground(): Playground {
  const playground = useContext(PlaygroundContext);
  if (playground === null) throw new Error('There is no playground around this');
  return playground;
}

export function otherSide(side: Side): Side {
  return side === 'left' ? 'right' : 'left';
}
