import {
  ConfigError,
  pause,
  readConfig,
  SettingsUnavailableError,
  type ConfigOf,
  type ServedSettings,
  type SettingsServer,
} from '@chat/service-kit';
import { basicAuthorization, type BaseUrl } from '../base-urls.ts';
import type { ConfigAnswer } from './answer.ts';
import { askConfigServers, ConfigRefusedError, type ConfigQuestion, type Waiting } from './ask-config-servers.ts';
import { servedTextsOf } from './served-texts.ts';
import { configServerSettings } from './settings.ts';

type ConfigServerConfig = ConfigOf<typeof configServerSettings>;

const NOTHING: ServedSettings = { texts: new Map(), note: null };
const WAITING: Waiting = { now: () => performance.now(), pause, random: Math.random };

/**
 * Settings from the Spring Cloud Config server that SPRING_CONFIG_URI names, where it names one. A server that refuses is
 * a mistake in the configuration, one that cannot be had is a SettingsUnavailableError; with SPRING_CONFIG_FAIL_FAST=false
 * the app starts without in both cases, and says so.
 */
export const configServer: SettingsServer = {
  settings: configServerSettings,
  async read({ name, settings }, environment) {
    const config = readConfig(configServerSettings, environment);
    if (config.configUris.length === 0) return NOTHING;
    const question = questionOf(config, name);
    const asked = `${question.application}/${question.profile}`;
    try {
      const answer = await askConfigServers(question, WAITING);
      const { texts, overruled } = servedTextsOf(settings, answer, environment);
      return { texts, note: noteOf(answer, asked, overruled) };
    } catch (error) {
      return withoutServer(error, asked, config.configFailFast);
    }
  },
};

function questionOf(config: ConfigServerConfig, app: string): ConfigQuestion {
  return {
    servers: config.configUris.map((server) => withCredentials(server, config)),
    application: config.configApplication ?? app,
    profile: config.configProfile,
    label: config.configLabel,
    timeoutMs: config.configTimeoutMs,
    deadlineMs: config.configDeadlineMs,
  };
}

/** Those in the URL count before those of their own. */
function withCredentials(server: BaseUrl, { configUsername, configPassword }: ConfigServerConfig): BaseUrl {
  if (server.authorization !== undefined || configUsername === undefined) return server;
  return { ...server, authorization: basicAuthorization(configUsername, configPassword ?? '') };
}

function noteOf(
  { propertySources, label, version }: ConfigAnswer,
  asked: string,
  overruled: readonly string[],
): ServedSettings['note'] {
  const sources = propertySources.map(({ name }) => name);
  const about = { ...(label && { label }), ...(version && { version }), ...(overruled.length > 0 && { overruled }) };
  const fields = { asked, sources, ...about };
  if (sources.length > 0) return { level: 'info', message: 'settings read from the config server', fields };
  return { level: 'warn', message: 'the config server has no settings for this app', fields };
}

function withoutServer(error: unknown, asked: string, isFailFast: boolean): ServedSettings {
  const isExpected = error instanceof ConfigRefusedError || error instanceof SettingsUnavailableError;
  if (!isExpected) throw error;
  if (!isFailFast) {
    const message = 'started without the config server, on the environment alone';
    return { texts: new Map(), note: { level: 'warn', message, fields: { asked, reason: error.message } } };
  }
  throw error instanceof ConfigRefusedError ? new ConfigError([error.message]) : error;
}
