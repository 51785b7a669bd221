import { processBatchSpan, processSpan, senderOf, type GroupBatch } from '@chat/kafka';
import { LINKS_MAX, type Span, type TraceContext, type Tracing } from '@chat/service-kit';

/**
 * Work on a batch, as OpenTelemetry has it for messages that are processed together: one span for the batch, with a link to the
 * sender of each message that is traced, and in the trace of each message a span of its own, with a link to that of the batch.
 * At most `LINKS_MAX` messages of a batch are traced; a batch without any has no span.
 */
export async function traceBatch(tracing: Tracing, batch: GroupBatch, work: () => Promise<void>): Promise<void> {
  const spans = startSpans(tracing, batch);
  try {
    await work();
    for (const span of spans) span.end();
  } catch (error) {
    for (const span of spans) span.end(error);
    throw error;
  }
}

function startSpans(tracing: Tracing, { partition, records }: GroupBatch): readonly Span[] {
  const traced: Array<{ record: GroupBatch['records'][number]; sender: TraceContext }> = [];
  for (const record of records) {
    const sender = traced.length < LINKS_MAX ? senderOf(record) : null;
    if (sender !== null) traced.push({ record, sender });
  }
  if (traced.length === 0) return [];
  const senders = traced.map(({ sender }) => sender);
  const ofBatch = tracing.follow(
    null,
    processBatchSpan('chat-messages', 'persist', partition, records.length),
    senders,
  );
  const ofMessages = traced.map(({ record, sender }) =>
    tracing.follow(sender, processSpan('chat-messages', 'persist', partition, record), [ofBatch.context]),
  );
  return [...ofMessages, ofBatch];
}
