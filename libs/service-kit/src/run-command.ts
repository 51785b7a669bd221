import { randomUUID } from 'node:crypto';
import type { commonSettings } from './common-settings.ts';
import { readConfigOrExit, type SettingsServer } from './config-or-exit.ts';
import type { ConfigOf, Settings } from './config.ts';
import { createLogger, type Logger } from './logger.ts';
import type { ProcessLike } from './run-app.ts';

export interface CommandContext {
  readonly logger: Logger;
  /** A line for whoever runs the command. */
  readonly say: (line: string) => void;
}

export interface CommandDefinition<S extends Settings> {
  readonly name: string;
  readonly settings: S;
  /** Where settings are kept besides the environment. */
  readonly served?: SettingsServer;
  /** Does the work; an error's message is a sentence for whoever runs the command. */
  readonly run: (config: ConfigOf<S> & ConfigOf<typeof commonSettings>, context: CommandContext) => Promise<void>;
}

/** An operator's command with the configuration of an app: exit 0 when it is done, 1 with its reason, 78 for bad configuration. */
export async function runCommand<S extends Settings>(
  command: CommandDefinition<S>,
  surroundings: Pick<ProcessLike, 'argv' | 'env' | 'exit' | 'stdout' | 'stderr'>,
): Promise<void> {
  const read = await readConfigOrExit(command, surroundings);
  if (read === null) return;
  const { config, note } = read;
  const logger = createLogger(command.name, {
    level: 'warn',
    instanceId: `${command.name}-${randomUUID().slice(0, 8)}`,
  });
  if (note !== null) logger[note.level](note.fields, note.message);
  try {
    await command.run(config, { logger, say: (line) => surroundings.stdout.write(`${line}\n`) });
    surroundings.exit(0);
  } catch (error) {
    surroundings.stderr.write(`${command.name}: ${error instanceof Error ? error.message : String(error)}\n`);
    surroundings.exit(1);
  }
}
