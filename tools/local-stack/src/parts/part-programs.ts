import { hasKafkaJars, kafkaJars } from './kafka-jars.ts';
import type { KafkaPrograms } from './kafka.ts';
import type { PartContext, PartName } from './part.ts';
import { findOrInstall, JAVA, MAVEN, REDIS_SERVER, type SystemProgram } from './system-program.ts';

/** What runs Redis and Kafka, both programs of the system. */
export interface PartPrograms {
  readonly redisServer: string;
  /** Fetches the jars where they are not there yet. */
  readonly kafka: () => Promise<KafkaPrograms>;
}

/** Finds or installs the programs of the named parts; throws a StartError that says what is missing and how to get it. */
export async function findPartPrograms(
  context: PartContext,
  names: readonly PartName[],
  options: { readonly path: string; readonly isRoot: boolean },
): Promise<PartPrograms> {
  const hasJars = await hasKafkaJars(context);
  const programs: Partial<Record<PartName, readonly SystemProgram[]>> = {
    redis: [REDIS_SERVER],
    kafka: hasJars ? [JAVA] : [JAVA, MAVEN],
  };
  const paths = await findOrInstall(
    names.flatMap((name) => programs[name] ?? []),
    { ...options, run: context.run, say: context.say },
  );
  const pathOf = ({ command }: SystemProgram) => paths.get(command) ?? command;
  return {
    redisServer: pathOf(REDIS_SERVER),
    kafka: async () => ({ java: pathOf(JAVA), jarsDir: await kafkaJars(context, pathOf(MAVEN)) }),
  };
}
