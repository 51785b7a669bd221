import { z } from 'zod';
import { flag, integer, optionalText, secret, setting, text, type Settings } from '../config.ts';

const address = optionalText().refine((url) => url === undefined || /^https?:\/\/[^/?#]+/.test(url), {
  error: 'must be an http or https URL',
});
const share = z
  .string()
  .default('1')
  .refine((ratio) => /^(0(\.[0-9]+)?|1(\.0+)?)$/.test(ratio), { error: 'must be a number from 0 to 1' })
  .transform(Number);
const pairs = text('').refine((list) => readPairs(list) !== null, {
  error: 'must be name=value, comma-separated, values percent-encoded',
});

/** Names and meanings of OpenTelemetry, "Environment Variable Specification" and "OTLP Exporter", as far as they are used. */
export const tracingSettings = {
  otlpEndpoint: setting(
    'OTEL_EXPORTER_OTLP_ENDPOINT',
    address,
    'collector for traces, by OTLP over HTTP, such as http://collector:4318; without one nothing is traced',
  ),
  otlpTracesEndpoint: setting(
    'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
    address,
    'the whole URL for traces, instead of the one above and /v1/traces',
  ),
  otlpHeaders: secret(
    'OTEL_EXPORTER_OTLP_HEADERS',
    pairs,
    'headers for the collector, as name=value, comma-separated, values percent-encoded',
  ),
  otlpTimeoutMs: setting(
    'OTEL_EXPORTER_OTLP_TIMEOUT',
    integer({ min: 100, max: 60_000, default: 5_000 }),
    'ms that one export may take with all attempts',
  ),
  otelServiceName: setting('OTEL_SERVICE_NAME', text(''), 'name of the service in traces; that of the app when empty'),
  otelResourceAttributes: setting(
    'OTEL_RESOURCE_ATTRIBUTES',
    pairs,
    'what else traces say of this instance, as name=value, comma-separated, values percent-encoded',
  ),
  otelSdkDisabled: setting('OTEL_SDK_DISABLED', flag(false), 'nothing is traced, whatever else is set'),
  traceRatio: setting('OTEL_TRACES_SAMPLER_ARG', share, 'share of what clients ask that is traced, from 0 to 1'),
  traceTrustsCallers: setting(
    'TRACE_TRUSTS_CALLERS',
    flag(false),
    'whether a sampled traceparent of a caller is followed whatever the share: for callers who sample themselves',
  ),
} as const satisfies Settings;

/** `name=value,name=value` with its values decoded; null for what is not that. */
export function readPairs(list: string): Record<string, string> | null {
  const read: Record<string, string> = {};
  for (const item of list.split(',').filter((each) => each.trim() !== '')) {
    const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*=\s*(.*?)\s*$/.exec(item) ?? [];
    const plain = value === undefined ? null : percentDecoded(value);
    if (name === undefined || plain === null) return null;
    read[name] = plain;
  }
  return read;
}

function percentDecoded(value: string): string | null {
  try {
    return decodeURIComponent(value);
  } catch {
    return null;
  }
}
