import type { SpanExporter } from '@opentelemetry/sdk-trace';
import type { Logger } from '../logger.ts';

/**
 * An exporter that says once when the collector begins to refuse, and once when it takes spans again. What it refused is lost, as
 * nobody waits for it.
 */
export function toldExporter(exporter: SpanExporter, logger: Logger): SpanExporter {
  let isTaken = true;
  let lostCount = 0;
  const taken = () => {
    if (!isTaken) logger.info({ lostCount }, 'the collector takes traces again');
    isTaken = true;
    lostCount = 0;
  };
  const refused = (count: number, error: Error | undefined) => {
    lostCount += count;
    if (isTaken) logger.warn({ reason: error?.message ?? 'no reason' }, 'the collector does not take traces');
    isTaken = false;
  };
  return {
    export: (spans, done) =>
      exporter.export(spans, ({ code, error }) => {
        if (code === SUCCESS) taken();
        else refused(spans.length, error);
        done({ code: SUCCESS }); // there is nothing that whoever exports could do about it
      }),
    shutdown: () => exporter.shutdown(),
  };
}

/** `ExportResultCode.SUCCESS` of OpenTelemetry, which is loaded only where something is traced. */
const SUCCESS = 0;
