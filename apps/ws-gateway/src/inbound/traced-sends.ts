import { placeAttributes, sendSpan, type PublishedRecord } from '@chat/kafka';
import { RECORD_HEADERS } from '@chat/kafka-contracts';
import type { Span, Tracing } from '@chat/service-kit';
import type { Dispatched } from '../broker/dispatched.ts';
import type { Outcome } from '../broker/outcome.ts';
import type { MessageToPublish, SendMessage, SendRequest } from './send-message.ts';

/** What a SEND is traced as, by what it is to become. */
const NAMES = { EDIT: 'edit', DELETE: 'delete', REACTION: 'react' } as const;

/**
 * SENDs of messages, each that is sampled below a span of its own, from where its handler has it until its outcome is there. Nothing
 * of a SEND waits for its span: what comes of it is handed on as it is.
 */
export class TracedSends implements Pick<SendMessage, 'accept' | 'acceptTogether'> {
  readonly #sends: Pick<SendMessage, 'accept' | 'acceptTogether'>;
  readonly #tracing: Tracing;

  constructor(sends: Pick<SendMessage, 'accept' | 'acceptTogether'>, tracing: Tracing) {
    this.#sends = sends;
    this.#tracing = tracing;
  }

  accept(request: SendRequest, dueAt: number): Dispatched {
    const span = this.#begin(request);
    if (span === null) return this.#sends.accept(request, dueAt);
    const dispatched = this.#sends.accept({ ...request, span }, dueAt);
    dispatched.outcome.then(
      (outcome) => endWell(span, outcome),
      (error: unknown) => span.end(error),
    );
    return dispatched;
  }

  acceptTogether(requests: readonly SendRequest[], dueAt: number): Dispatched<readonly Outcome[]> {
    const spans = requests.map((request) => this.#begin(request));
    const traced = requests.map((request, at) => ({ ...request, span: spans[at] ?? null }));
    const dispatched = this.#sends.acceptTogether(traced, dueAt);
    dispatched.outcome.then(
      (outcomes) => spans.forEach((span, at) => endWell(span, outcomes[at])),
      (error: unknown) => spans.forEach((span) => span?.end(error)),
    );
    return dispatched;
  }

  #begin({ traceParent, kind, roomId }: SendRequest): Span | null {
    return this.#tracing.begin(traceParent, {
      name: `SEND /app/chat.${kind === null ? 'send' : NAMES[kind]}/{roomId}`,
      kind: 'server',
      attributes: { 'chat.room.id': roomId },
    });
  }
}

function endWell(span: Span | null, outcome: Outcome | undefined): void {
  const messageId = outcome?.['message-id'];
  if (messageId !== undefined) span?.add({ 'messaging.message.id': messageId });
  span?.end();
}

/** What publishes the messages of SENDs: one, or several of which all are published or none. */
export interface MessagePublisher {
  publish(record: MessageToPublish): Promise<PublishedRecord>;
  publishTogether(records: readonly MessageToPublish[]): Promise<readonly PublishedRecord[]>;
}

/** Records of SENDs that are traced say so to whoever reads them, and their way into the log has a span of its own. */
export class TracedPublisher implements MessagePublisher {
  readonly #publisher: MessagePublisher;
  readonly #tracing: Tracing;

  constructor(publisher: MessagePublisher, tracing: Tracing) {
    this.#publisher = publisher;
    this.#tracing = tracing;
  }

  publish(record: MessageToPublish): Promise<PublishedRecord> {
    const span = this.#begin(record);
    if (span === null) return this.#publisher.publish(record);
    const published = this.#publisher.publish(withTraceParent(record, span));
    published.then(
      (place) => endAt(span, place),
      (error: unknown) => span.end(error),
    );
    return published;
  }

  publishTogether(records: readonly MessageToPublish[]): Promise<readonly PublishedRecord[]> {
    const spans = records.map((record) => this.#begin(record));
    const published = this.#publisher.publishTogether(
      records.map((record, at) => withTraceParent(record, spans[at] ?? null)),
    );
    published.then(
      (places) => spans.forEach((span, at) => endAt(span, places[at])),
      (error: unknown) => spans.forEach((span) => span?.end(error)),
    );
    return published;
  }

  #begin({ span, key, metadata }: MessageToPublish): Span | null {
    return span === null
      ? null
      : this.#tracing.follow(span.context, sendSpan('chat-messages', metadata.id, String(key)));
  }
}

function endAt(span: Span | null, place: PublishedRecord | undefined): void {
  if (place !== undefined) span?.add(placeAttributes(place));
  span?.end();
}

function withTraceParent(record: MessageToPublish, span: Span | null): MessageToPublish {
  if (span === null) return record;
  const headers = { ...record.metadata.headers, [RECORD_HEADERS.traceParent]: span.traceParent };
  return { ...record, metadata: { ...record.metadata, headers } };
}
