import { Kafka, logLevel, type Message } from 'kafkajs';

/** Most that a broker waits for the end of a transaction whose producer is gone, in ms: as long as our own may take. */
const TRANSACTION_TIMEOUT_MS = 5_000;

// Opens a transaction, puts one message into it, says so, and waits for its death.
const [brokers = '', topic = '', message = ''] = process.argv.slice(2);
const kafka = new Kafka({ brokers: brokers.split(','), clientId: 'victim', logLevel: logLevel.NOTHING });
const producer = kafka.producer({
  transactionalId: `victim-${process.pid}`,
  idempotent: true,
  maxInFlightRequests: 1,
  transactionTimeout: TRANSACTION_TIMEOUT_MS,
});
await producer.connect();
const transaction = await producer.transaction();
await transaction.send({ topic, messages: [JSON.parse(message) as Message] });
console.log('open');
setInterval(() => {}, TRANSACTION_TIMEOUT_MS);
