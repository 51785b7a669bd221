import { choice, setting, text, type Settings } from './config.ts';
import { LOG_LEVELS } from './logger.ts';
import { tracingSettings } from './tracing/settings.ts';

/** Settings that every app has. */
export const commonSettings = {
  host: setting('HOST', text('0.0.0.0'), 'address the listeners bind to'),
  instanceId: setting('INSTANCE_ID', text(''), 'name of this instance in logs and events; made up when empty'),
  logLevel: setting('LOG_LEVEL', choice(LOG_LEVELS, 'info'), 'least severe level that is logged'),
  ...tracingSettings,
} as const satisfies Settings;
