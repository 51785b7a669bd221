import type { FaultLink } from '@chat/local-stack';
import { KAFKA_API, type FrameTrap, type KafkaFrame, type SetTrap } from '@chat/testing';

const isProduce = (direction: KafkaFrame['direction']) => (frame: KafkaFrame) =>
  frame.direction === direction && frame.apiKey === KAFKA_API.produce;

/** The way to one broker of a link, by its node id. */
function trapAt(link: FaultLink, nodeId: number, trap: FrameTrap<KafkaFrame>): SetTrap<KafkaFrame> {
  const proxy = link.kafka[nodeId - 1];
  if (proxy === undefined) throw new RangeError(`there is no broker ${nodeId}`);
  return proxy.trap(trap);
}

/** Holds the next batch on its way to a broker, before its first byte has arrived, until `act` is done. */
export function holdNextBatch(link: FaultLink, nodeId: number, act: () => Promise<void>): SetTrap<KafkaFrame> {
  return trapAt(link, nodeId, { matches: isProduce('request'), act });
}

/** Resolves once the next answer of a broker has passed. */
export async function nextAnswer(link: FaultLink, nodeId: number): Promise<void> {
  await trapAt(link, nodeId, { matches: isProduce('reply'), at: 'end' }).sprung;
}

/** The broker appends the next batches, and its answers get lost on the way back. */
export function loseAnswers(link: FaultLink, nodeId: number, times: number): SetTrap<KafkaFrame> {
  return trapAt(link, nodeId, { matches: isProduce('reply'), times, replace: () => Buffer.alloc(0) });
}

/** Turns one bit of the next batch on its way, so that the broker finds its checksum wrong: CORRUPT_MESSAGE, retriable. */
export function damageNextBatch(link: FaultLink, nodeId: number): SetTrap<KafkaFrame> {
  return trapAt(link, nodeId, { matches: isProduce('request'), replace: withLastBitTurned });
}

/** A batch ends with the headers of its last record. */
function withLastBitTurned(request: Buffer): Buffer {
  const last = request.length - 1;
  request.writeUInt8(request.readUInt8(last) ^ 1, last);
  return request;
}
