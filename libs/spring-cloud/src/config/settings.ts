import { durationMs, flag, optionalText, secret, setting, text, type Settings } from '@chat/service-kit';
import { baseUrls } from '../base-urls.ts';

/** Where settings are served, beside the environment. The URLs may carry a password, so they are never shown. */
export const configServerSettings = {
  configUris: secret(
    'SPRING_CONFIG_URI',
    baseUrls(),
    'URLs of Spring Cloud Config servers, asked in turn, comma-separated; none: only the environment counts',
  ),
  configUsername: setting('SPRING_CONFIG_USERNAME', optionalText(), 'user name for the config server'),
  configPassword: secret('SPRING_CONFIG_PASSWORD', optionalText(), 'password for the config server'),
  configApplication: setting(
    'SPRING_APPLICATION_NAME',
    optionalText(),
    'name under which the config server is asked; none: that of the app',
  ),
  configProfile: setting('SPRING_PROFILES_ACTIVE', text('default'), 'profiles that are asked for, comma-separated'),
  configLabel: setting('SPRING_CONFIG_LABEL', optionalText(), 'label that is asked for, such as a branch'),
  configFailFast: setting(
    'SPRING_CONFIG_FAIL_FAST',
    flag(true),
    'whether the app ends when the config server cannot be had; else it starts on the environment alone',
  ),
  configTimeoutMs: setting(
    'SPRING_CONFIG_TIMEOUT_MS',
    durationMs({ min: 10, max: 60_000, default: 5_000 }),
    'longest wait for one answer of a config server, in ms',
  ),
  configDeadlineMs: setting(
    'SPRING_CONFIG_DEADLINE_MS',
    durationMs({ min: 0, max: 600_000, default: 30_000 }),
    'how long a config server that does not answer is asked again, in ms; 0: each is asked once',
  ),
} as const satisfies Settings;
