import { durationMs, optionalList, optionalText, secret, setting, text, type Settings } from '@chat/service-kit';
import { baseUrls } from '../base-urls.ts';

/** Longest that a draining instance may go on taking work, in ms: what is left of the 24 s is for its drain. */
const DRAIN_PAUSE_MAX_MS = 4_000;

const metadataText = optionalList()
  .refine((entries) => entries.every((entry) => /^[^:]+:./.test(entry)), {
    error: 'must be name:value, comma-separated',
  })
  .transform((entries) => Object.fromEntries(entries.map((entry) => splitAt(entry, entry.indexOf(':')))));

/** The environment of who registers with Eureka, under a service id of its own. The URLs may carry a password, so they are never shown. */
export function eurekaSettings(serviceId: string) {
  return {
    eurekaUrls: secret(
      'EUREKA_URL',
      baseUrls(),
      'URLs of Eureka servers with their path, such as http://eureka:8761/eureka, comma-separated; none: it does not register',
    ),
    eurekaAppName: setting(
      'EUREKA_APP_NAME',
      text(serviceId).refine((name) => /^[A-Za-z0-9._-]{1,100}$/.test(name), {
        error: 'must be 1 to 100 letters, digits, dots, dashes or underscores',
      }),
      'service id under which it registers: a route lb://<id> leads here',
    ),
    eurekaHost: setting(
      'EUREKA_HOST',
      optionalText(),
      'name or address by which others reach this instance; none: HOST, else the first address of this machine',
    ),
    eurekaMetadata: setting(
      'EUREKA_METADATA',
      metadataText,
      'further metadata of the registration as name:value, comma-separated, such as zone:eu-1',
    ),
    eurekaRenewalMs: setting(
      'EUREKA_RENEWAL_MS',
      durationMs({ min: 1_000, max: 300_000, default: 30_000 }),
      'time between two renewals of the registration, in ms; three missed ones end it',
    ),
    eurekaDrainPauseMs: setting(
      'EUREKA_DRAIN_PAUSE_MS',
      durationMs({ min: 0, max: DRAIN_PAUSE_MAX_MS, default: 0 }),
      'how long a draining instance still takes work after it has said OUT_OF_SERVICE, in ms, for who routes by an older list',
    ),
  } as const satisfies Settings;
}

function splitAt(text: string, at: number): readonly [string, string] {
  return [text.slice(0, at), text.slice(at + 1)];
}
