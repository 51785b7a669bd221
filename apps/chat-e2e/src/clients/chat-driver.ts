import type { ChatRoomDTO, ErrorDTO } from '@chat/dto';
import { kafkaUnderTest, type KafkaUnderTest, type ReadRecord } from '@chat/testing';
import { Redis } from 'ioredis';
import type { Producer } from 'kafkajs';
import { Pool, type QueryResultRow } from 'pg';
import type { ChatAddresses } from '../harness/chat-addresses.ts';
import { noteRecord, requireNoFrameFaults } from './frame-faults.ts';
import { newPerson, type Person } from './person.ts';
import { RawConnection } from './raw-connection.ts';
import { RestCaller } from './rest-caller.ts';
import { RefusedError, StompSession, type SessionOptions } from './stomp-session.ts';

export const ROOMS = '/api/v1/chat/chat-rooms';

/** Which of the two gateways. */
export type GatewayIndex = 0 | 1;

export type ConnectOptions = Omit<SessionOptions, 'url' | 'token'>;

/** All ways into a running chat, and to look behind it; ends what it opened. */
export class ChatDriver {
  readonly addresses: ChatAddresses;
  /** The public listener of rooms-api without a caller. */
  readonly anonymous: RestCaller;
  /** The internal listener of rooms-api. */
  readonly internal: RestCaller;
  readonly redis: Redis;
  readonly #pool: Pool;
  readonly #sessions = new Set<StompSession>();
  readonly #raw = new Set<RawConnection>();
  #kafka: Promise<{ corner: KafkaUnderTest; producer: Producer }> | null = null;

  constructor(addresses: ChatAddresses) {
    this.addresses = addresses;
    this.anonymous = new RestCaller(addresses.restUrl);
    this.internal = new RestCaller(addresses.internalUrl);
    this.redis = new Redis(addresses.redisUrl, { commandTimeout: 5_000, maxRetriesPerRequest: 1 });
    this.#pool = new Pool({ connectionString: addresses.databaseUrl, max: 2 });
    this.#pool.on('error', () => {}); // a query that fails says so itself
  }

  as({ token }: Person): RestCaller {
    return new RestCaller(this.addresses.restUrl, { authorization: `Bearer ${token}` });
  }

  /** A person who is a member of the room. */
  async newMember(roomId: number, name?: string): Promise<Person> {
    const person = newPerson(name);
    await this.join(person, roomId);
    return person;
  }

  async createRoom(owner: Person, fields: Readonly<Record<string, unknown>> = {}): Promise<ChatRoomDTO> {
    const { status, body } = await this.as(owner).post<ChatRoomDTO>(ROOMS, { name: 'Dev Chatroom', ...fields });
    if (status !== 201) throw new Error(`the room was not created: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** A public room with its owner and further members. */
  async createRoomOf(owner: Person, ...others: readonly Person[]): Promise<number> {
    const { id } = await this.createRoom(owner);
    for (const person of others) await this.join(person, id);
    return id;
  }

  async join(person: Person, roomId: number): Promise<void> {
    const { status, body } = await this.as(person).post(`${ROOMS}/join/${roomId}`);
    if (status !== 200) throw new Error(`the room was not joined: ${status} ${JSON.stringify(body)}`);
  }

  async connect({ token }: Person, gateway: GatewayIndex = 0, options: ConnectOptions = {}): Promise<StompSession> {
    const session = await StompSession.open({ url: this.addresses.wsUrls[gateway], token, ...options });
    this.#sessions.add(session);
    return session;
  }

  async openRaw(gateway: GatewayIndex = 0, subProtocols: readonly string[] = []): Promise<RawConnection> {
    const connection = await RawConnection.open(this.addresses.wsUrls[gateway], subProtocols);
    this.#raw.add(connection);
    return connection;
  }

  async query<Row extends QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly Row[]> {
    return (await this.#pool.query<Row>(text, [...values])).rows;
  }

  /** A stock Kafka client puts a record on a topic, named without the prefix. */
  async produce(
    topic: string,
    key: string | null,
    value: string | Buffer | null,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const { producer } = await this.#openKafka();
    await producer.send({ topic: this.addresses.topicPrefix + topic, messages: [{ key, value, headers }] });
  }

  /** Every record of a topic, named without the prefix. */
  async readLog(topic: string): Promise<readonly ReadRecord[]> {
    const { corner } = await this.#openKafka();
    const records = await corner.readLog(this.addresses.topicPrefix + topic);
    for (const record of records) noteRecord(topic, record);
    return records;
  }

  /** Ends all sessions that were opened here, and throws for frames that are none of the documents; for `afterEach`. */
  readonly hangUp = async (): Promise<void> => {
    await Promise.all([...this.#sessions].map((session) => session.abandon()));
    this.#sessions.clear();
    for (const connection of this.#raw) connection.cut();
    this.#raw.clear();
    requireNoFrameFaults();
  };

  /** For `afterAll`. */
  readonly close = async (): Promise<void> => {
    await this.hangUp();
    this.redis.disconnect();
    await this.#pool.end();
    const kafka = await this.#kafka;
    await kafka?.producer.disconnect();
    await kafka?.corner.cleanUp();
  };

  #openKafka(): Promise<{ corner: KafkaUnderTest; producer: Producer }> {
    this.#kafka ??= openKafka(this.addresses.kafkaBrokers);
    return this.#kafka;
  }
}

async function openKafka(brokers: string): Promise<{ corner: KafkaUnderTest; producer: Producer }> {
  const corner = await kafkaUnderTest(brokers);
  const producer = corner.kafka.producer();
  await producer.connect();
  return { corner, producer };
}

/** What the error queue said of a request that must be refused. */
export async function refusalOf(request: Promise<unknown>): Promise<ErrorDTO> {
  try {
    await request;
  } catch (error) {
    if (error instanceof RefusedError) return error.refusal;
    throw error;
  }
  throw new Error('the request was not refused');
}
