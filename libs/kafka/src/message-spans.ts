import { headerText, RECORD_HEADERS, type RawRecord, type TopicName } from '@chat/kafka-contracts';
import { parseTraceParent, type SpanAttributes, type SpanStart, type TraceContext } from '@chat/service-kit';

/** What is done with records, as spans are named by it. */
type Operation = { readonly name: 'send' | 'persist' | 'deliver'; readonly type: 'send' | 'process' };

/** Names and attributes of OpenTelemetry, "Semantic conventions for messaging spans" and "… for Kafka". */
const operationSpan = (topic: TopicName, { name, type }: Operation, attributes: SpanAttributes): SpanStart => ({
  name: `${name} ${topic}`,
  kind: type === 'send' ? 'producer' : 'consumer',
  attributes: {
    'messaging.system': 'kafka',
    'messaging.destination.name': topic,
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    ...attributes,
  },
});

/** Hands a record over to Kafka; its place is added once it is known. */
export function sendSpan(topic: TopicName, messageId: string, key: string): SpanStart {
  const attributes = { 'messaging.message.id': messageId, 'messaging.kafka.message.key': key };
  return operationSpan(topic, { name: 'send', type: 'send' }, attributes);
}

/** Does something with a record that was read. */
export function processSpan(
  topic: TopicName,
  name: 'persist' | 'deliver',
  partition: number,
  record: RawRecord & { readonly offset: number },
): SpanStart {
  const messageId = headerText(record, RECORD_HEADERS.id);
  const attributes = {
    ...placeAttributes({ partition, offset: record.offset }),
    ...(messageId !== null && { 'messaging.message.id': messageId }),
  };
  return operationSpan(topic, { name, type: 'process' }, attributes);
}

/** Does something with so many records at once. */
export function processBatchSpan(
  topic: TopicName,
  name: 'persist' | 'deliver',
  partition: number,
  recordCount: number,
): SpanStart {
  const attributes = {
    'messaging.destination.partition.id': String(partition),
    'messaging.batch.message_count': recordCount,
  };
  return operationSpan(topic, { name, type: 'process' }, attributes);
}

/** Where a record lies. */
export function placeAttributes({ partition, offset }: { partition: number; offset: number }): SpanAttributes {
  return { 'messaging.destination.partition.id': String(partition), 'messaging.kafka.offset': offset };
}

/** Which span sent a record; null where nobody traced it. */
export function senderOf(record: RawRecord): TraceContext | null {
  const text = headerText(record, RECORD_HEADERS.traceParent);
  const context = text === null ? null : parseTraceParent(text);
  return context?.isSampled === true ? context : null;
}
