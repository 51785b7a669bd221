import { databaseUnderTest, kafkaUnderTest, type DatabaseUnderTest, type KafkaUnderTest } from '@chat/testing';
import type { BenchContext } from './bench.ts';
import { startBuiltApp, type BuiltApp } from './built-app.ts';
import { insertMembers, insertRooms, type Membership } from './insert-rooms.ts';

export interface ChatPopulation {
  readonly roomIds: readonly number[];
  readonly members: readonly Membership[];
}

/** A database and topics of their own, with rooms and members, and apps on them. */
export interface Chat {
  readonly database: DatabaseUnderTest;
  readonly kafka: KafkaUnderTest;
  /** Starts a built app, once under each name, which is the app's where left out; resolves when it is ready. */
  start(app: string, settings?: Readonly<Record<string, string>>, name?: string): Promise<BuiltApp>;
  /** Stops the apps and deletes all of it. */
  stop(): Promise<void>;
}

export async function openChat(config: BenchContext, { roomIds, members }: ChatPopulation): Promise<Chat> {
  const [database, kafka] = await Promise.all([
    databaseUnderTest(config.databaseUrl),
    kafkaUnderTest(config.kafkaBrokers),
  ]);
  const started: BuiltApp[] = [];
  const stop = async () => {
    await Promise.all(started.map((app) => app.stop()));
    await Promise.all([database.cleanUp(), kafka.cleanUp()]);
  };
  try {
    await insertRooms(database, roomIds);
    await insertMembers(database, members);
  } catch (error) {
    await stop();
    throw error;
  }
  const start = async (app: string, settings: Readonly<Record<string, string>> = {}, name = app) => {
    const place = { databaseUrl: database.url, topicPrefix: kafka.topicPrefix };
    const running = await startBuiltApp({ ...config, ...place, app, name, settings });
    started.push(running);
    return running;
  };
  return { database, kafka, start, stop };
}
