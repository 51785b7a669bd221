import type { Caller } from '@chat/auth';
import { ChatError } from '@chat/service-kit';
import {
  agreeHeartBeat,
  CLIENT_COMMANDS,
  createFrame,
  headerOf,
  negotiateVersion,
  parseHeartBeat,
  STOMP_VERSIONS,
  type HeartBeat,
  type StompFrame,
  type StompProtocolError,
  type StompVersion,
} from '@chat/stomp';
import { parseSendDestination, parseSubscribeDestination } from '../broker/destinations.ts';
import { wantsAllUsersOf } from '../broker/presence-request.ts';
import { NO_REPLAY, replayRequestOf } from '../broker/replay-request.ts';
import type { Outcome } from '../broker/outcome.ts';
import type { RequestOrigin, Subscription } from '../broker/requests.ts';
import { Unacknowledged } from '../broker/unacknowledged.ts';
import { ACK_RULES, acknowledgedBy } from './acknowledged-by.ts';
import type { CloseReason } from './close-reasons.ts';
import type { Commit, Effect } from './effects.ts';
import { bearerTokenOf, errorFrame, receiptFrame, type ErrorFrameHeaders } from './server-frames.ts';
import {
  Transactions,
  type Acknowledgement,
  type Transaction,
  type TransactionFrame,
  type TransactionLimits,
} from './transactions.ts';

export interface SessionOptions {
  readonly sessionId: string;
  /** Version that the WebSocket sub-protocol stands for; null where the client asked for none. */
  readonly subProtocol: StompVersion | null;
  readonly heartBeat: HeartBeat;
  readonly limits: SessionLimits;
}

export interface SessionLimits extends TransactionLimits {
  readonly maxSubscriptions: number;
  /** Messages of one subscription that await ACK. */
  readonly maxUnacknowledged: number;
}

/** Faults of size, which have a close code of their own. */
const TOO_BIG_CODES: ReadonlySet<string> = new Set(['FRAME_TOO_LARGE', 'BODY_TOO_LARGE']);

const ACK_MODES = ['auto', 'client', 'client-individual'] as const;
type AckMode = (typeof ACK_MODES)[number];
const NOT_BEGUN = 'A frame must name a transaction that was begun and has not ended.';

type Phase = 'awaiting-connect' | 'connecting' | 'connected' | 'disconnecting' | 'ended';

/**
 * One STOMP conversation as a state machine: a frame, or the outcome of an effect, goes in; effects come out. A protocol
 * fault ends it: ERROR, close, and nothing behind the fault is looked at (1.2, "ERROR").
 */
export class Session {
  readonly #options: SessionOptions;
  readonly #subscriptions = new Map<string, Subscription>();
  /** Ids of subscriptions that were taken away, and that the client may not know of yet. */
  #withdrawn: Set<string> | null = null;
  readonly #transactions: Transactions;
  #phase: Phase = 'awaiting-connect';
  #version: StompVersion = '1.2';
  #appVersion: string | undefined;
  #connectFrame: StompFrame | null = null;
  #disconnectReceiptId: string | undefined;

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#transactions = new Transactions(options.limits);
  }

  get version(): StompVersion {
    return this.#version;
  }

  /** Header `app-version` of CONNECT, as it came. */
  get appVersion(): string | undefined {
    return this.#appVersion;
  }

  get isConnected(): boolean {
    return this.#phase === 'connected';
  }

  /** Whether the client said DISCONNECT: from then on its going away is no loss. */
  get isDisconnecting(): boolean {
    return this.#phase === 'disconnecting';
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#subscriptions;
  }

  /** The subscription to a destination that only the session itself has, such as its error queue. */
  subscriptionTo(kind: Subscription['target']['kind']): Subscription | undefined {
    for (const subscription of this.#subscriptions.values()) if (subscription.target.kind === kind) return subscription;
    return undefined;
  }

  receive(frame: StompFrame): Effect[] {
    switch (this.#phase) {
      case 'awaiting-connect':
        return this.#receiveFirst(frame);
      case 'connected':
        return this.#receiveConnected(frame);
      case 'connecting': // the reader waits for the outcome of an authentication
      case 'disconnecting': // nothing may follow a DISCONNECT
      case 'ended':
        return [];
    }
  }

  /** The outcome of `authenticate`: who the caller is. */
  authenticated(caller: Caller): Effect[] {
    const frame = this.#connectFrame;
    if (this.#phase !== 'connecting' || frame === null) return [];
    const client = parseHeartBeat(headerOf(frame, 'heart-beat'));
    if (client === null) return this.#fault(frame, 'A heart-beat header must be two numbers of milliseconds.');
    this.#phase = 'connected';
    this.#connectFrame = null;
    const { heartBeat, sessionId } = this.#options;
    const connected = createFrame('CONNECTED', {
      version: this.#version,
      'heart-beat': `${heartBeat.sendMs},${heartBeat.wantMs}`,
      session: sessionId,
      server: 'chat-service',
      'user-name': String(caller.userId),
    });
    return [
      { do: 'send', frame: connected },
      { do: 'open', caller, heartBeat: agreeHeartBeat(heartBeat, client) },
      ...this.#receipt(headerOf(frame, 'receipt')),
    ];
  }

  /** The outcome of `authenticate`: a refusal. */
  refused(error: ChatError): Effect[] {
    if (this.#phase !== 'connecting') return [];
    const receiptId = this.#connectFrame === null ? undefined : headerOf(this.#connectFrame, 'receipt');
    return this.#endAs(error, receiptId);
  }

  /** The outcome of `subscribe`: live from here on. */
  subscribed(receiptId: string | undefined, headers: Readonly<Record<string, string>> = {}): Effect[] {
    return this.#isAnswering() ? this.#receipt(receiptId, headers) : [];
  }

  /** The outcome of `subscribe`: a refusal. Who would not hear of it otherwise is told by ERROR. */
  subscribeRefused(subscription: Subscription, error: ChatError, receiptId: string | undefined): Effect[] {
    if (!this.#isAnswering()) return [];
    if (this.#subscriptions.get(subscription.id) === subscription) this.#subscriptions.delete(subscription.id);
    const origin = { destination: subscription.destination, receiptId };
    if (this.subscriptionTo('errors') !== undefined) return [{ do: 'report', error, origin }];
    return this.#endAs(error, receiptId);
  }

  /** The outcome of `dispatch`: done; the receipt is due, if one was asked for. */
  accepted(origin: RequestOrigin, headers: Readonly<Record<string, string>> = {}): Effect[] {
    return this.#isAnswering() ? this.#receipt(origin.receiptId, headers) : [];
  }

  /** The outcome of `dispatch`: a refusal. The session lives unless it asked for a receipt and cannot hear of errors. */
  failed(origin: RequestOrigin, error: ChatError): Effect[] {
    if (!this.#isAnswering()) return [];
    if (this.subscriptionTo('errors') !== undefined) return [{ do: 'report', error, origin }];
    if (origin.receiptId === undefined) return [{ do: 'drop', error }];
    return this.#endAs(error, origin.receiptId);
  }

  /** The outcome of `commit`: published, each SEND with what its RECEIPT says, in their order. */
  committed({ transaction, receiptId }: Commit, outcomes: readonly Outcome[]): Effect[] {
    if (!this.#isAnswering()) return [];
    const headers = outcomes.values();
    const answers = transaction.frames.flatMap((frame) =>
      frame.kind === 'send'
        ? this.#receipt(frame.send.receiptId, headers.next().value)
        : this.#settle(frame.acknowledgement),
    );
    return [...answers, ...this.#receipt(receiptId)];
  }

  /** The outcome of `commit`: nothing of it was published. Every frame of it that asked for a receipt is told. */
  commitFailed({ transaction, receiptId }: Commit, error: ChatError): Effect[] {
    return [{ receiptId }, ...transaction.frames.map(originOf)].flatMap((origin) => this.failed(origin, error));
  }

  /** The session cannot go on. */
  fail(error: ChatError): Effect[] {
    return this.#isAnswering() ? this.#endAs(error, undefined) : [];
  }

  /** The token has expired; who has said DISCONNECT is about to go anyway. */
  tokenExpired(): Effect[] {
    if (this.#phase !== 'connected') return [];
    const message = 'The token expired and no new one came; connect again with one.';
    return this.#endWith(message, { code: 'TOKEN_EXPIRED' }, 'TOKEN_EXPIRED');
  }

  /** The subscription was taken away, as from a member who was removed. */
  withdraw(subscription: Subscription, error: ChatError): Effect[] {
    if (!this.#subscriptions.delete(subscription.id)) return [];
    this.#noteWithdrawn(subscription.id);
    const origin = { destination: subscription.destination, receiptId: undefined };
    const isTold = this.#phase === 'connected' && this.subscriptionTo('errors') !== undefined;
    const told: Effect[] = isTold ? [{ do: 'report', error, origin }] : [];
    return [{ do: 'unsubscribe', subscription }, ...told];
  }

  /** The outcome of `finish`: everything before the DISCONNECT is answered. */
  finished(): Effect[] {
    if (this.#phase !== 'disconnecting') return [];
    this.#phase = 'ended';
    return [{ do: 'end' }, ...this.#receipt(this.#disconnectReceiptId), { do: 'close', reason: 'NORMAL' }];
  }

  /** Bytes came that are no frame. */
  broken(error: StompProtocolError): Effect[] {
    if (this.#phase === 'ended') return [];
    const reason = TOO_BIG_CODES.has(error.code) ? 'TOO_BIG' : 'PROTOCOL';
    return this.#endWith(error.message, { code: error.code, receiptId: error.receiptId }, reason);
  }

  /** The session is not connected in time: the client sent no CONNECT, or we could not yet say who it is. */
  connectOverdue(): Effect[] {
    if (this.#phase === 'connecting') {
      return this.refused(new ChatError('UNAVAILABLE', { message: 'This CONNECT could not be checked in time.' }));
    }
    if (this.#phase !== 'awaiting-connect') return [];
    return this.#endWith('No complete CONNECT came in time.', { code: 'CONNECT_TIMEOUT' }, 'PROTOCOL');
  }

  #receiveFirst(frame: StompFrame): Effect[] {
    if (frame.command !== 'CONNECT' && frame.command !== 'STOMP') {
      return this.#fault(frame, 'The first frame must be CONNECT or STOMP.');
    }
    const version = negotiateVersion(headerOf(frame, 'accept-version'), this.#options.subProtocol);
    if (version === null) return this.#refuseVersions(frame);
    this.#phase = 'connecting';
    this.#version = version;
    this.#appVersion = headerOf(frame, 'app-version');
    this.#connectFrame = frame;
    return [
      { do: 'set-version', version },
      { do: 'authenticate', token: bearerTokenOf(frame) },
    ];
  }

  /** Tells which versions there are (1.2, "Protocol Negotiation"). */
  #refuseVersions(frame: StompFrame): Effect[] {
    const offered = this.#options.subProtocol === null ? STOMP_VERSIONS : [this.#options.subProtocol];
    const versions = offered.join(',');
    return this.#endWith(
      `Supported versions are ${versions}.`,
      { code: 'VERSION_NOT_SUPPORTED', receiptId: headerOf(frame, 'receipt'), headers: { version: versions } },
      'PROTOCOL',
    );
  }

  #receiveConnected(frame: StompFrame): Effect[] {
    switch (frame.command) {
      case 'SEND':
        return this.#send(frame);
      case 'SUBSCRIBE':
        return this.#subscribe(frame);
      case 'UNSUBSCRIBE':
        return this.#unsubscribe(frame);
      case 'DISCONNECT':
        return this.#disconnect(frame);
      case 'ACK':
      case 'NACK':
        return this.#acknowledge(frame);
      case 'BEGIN':
        return this.#begin(frame);
      case 'COMMIT':
        return this.#commit(frame);
      case 'ABORT':
        return this.#abort(frame);
      case 'CONNECT':
      case 'STOMP':
        return this.#fault(frame, 'The session is connected already.');
      default:
        return this.#fault(frame, unknownCommand(frame.command));
    }
  }

  #send(frame: StompFrame): Effect[] {
    const destination = headerOf(frame, 'destination');
    if (destination === undefined) return this.#fault(frame, 'A SEND needs a destination.');
    const target = parseSendDestination(destination);
    if (target === null) return this.#unknownDestination(frame, 'SEND');
    const send = {
      destination,
      target,
      receiptId: headerOf(frame, 'receipt'),
      clientMessageId: headerOf(frame, 'client-message-id'),
      resend: headerOf(frame, 'resend'),
      receiptLevel: headerOf(frame, 'receipt-level'),
      traceParent: headerOf(frame, 'traceparent'),
      body: frame.body,
    };
    const transactionId = headerOf(frame, 'transaction');
    return transactionId === undefined
      ? [{ do: 'dispatch', send }]
      : this.#addTo(transactionId, frame, send, () => this.#transactions.addSend(transactionId, send));
  }

  #subscribe(frame: StompFrame): Effect[] {
    const destination = headerOf(frame, 'destination');
    if (destination === undefined) return this.#fault(frame, 'A SUBSCRIBE needs a destination.');
    const headerId = headerOf(frame, 'id') ?? null;
    if (headerId === null && this.#version !== '1.0') return this.#fault(frame, 'A SUBSCRIBE needs an id.');
    const id = headerId ?? destination;
    if (this.#subscriptions.has(id)) return this.#fault(frame, 'A subscription with this id is open already.');
    const ackMode = headerOf(frame, 'ack') ?? 'auto';
    if (!isAckMode(ackMode)) return this.#fault(frame, `ack must be one of ${ACK_MODES.join(', ')}.`);
    const unacknowledged =
      ackMode === 'auto' ? null : new Unacknowledged(ackMode, this.#options.limits.maxUnacknowledged);
    const target = parseSubscribeDestination(destination);
    if (target === null) return this.#unknownDestination(frame, 'SUBSCRIBE');
    const replay = target.kind === 'room' ? replayRequestOf(frame) : NO_REPLAY;
    const receiptId = headerOf(frame, 'receipt');
    const subscription = { id, headerId, destination, target, unacknowledged };
    if (replay instanceof ChatError)
      return this.subscribeRefused({ ...subscription, replay: NO_REPLAY }, replay, receiptId);
    const wantsAllUsers = target.kind === 'presence' && wantsAllUsersOf(frame);
    if (wantsAllUsers instanceof ChatError)
      return this.subscribeRefused({ ...subscription, replay }, wantsAllUsers, receiptId);
    return this.#register({ ...subscription, replay, ...(wantsAllUsers && { wantsAllUsers }) }, receiptId);
  }

  #register(subscription: Subscription, receiptId: string | undefined): Effect[] {
    const { maxSubscriptions } = this.#options.limits;
    if (this.#subscriptions.size >= maxSubscriptions) {
      const message = `A session may have at most ${maxSubscriptions} subscriptions.`;
      return this.subscribeRefused(subscription, new ChatError('TOO_MANY_SUBSCRIPTIONS', { message }), receiptId);
    }
    this.#withdrawn?.delete(subscription.id);
    this.#subscriptions.set(subscription.id, subscription);
    return [{ do: 'subscribe', subscription, receiptId }];
  }

  #noteWithdrawn(id: string): void {
    const withdrawn = (this.#withdrawn ??= new Set()); // most sessions never have one
    withdrawn.add(id);
    const [oldest = ''] = withdrawn;
    if (withdrawn.size > this.#options.limits.maxSubscriptions) withdrawn.delete(oldest);
  }

  #unsubscribe(frame: StompFrame): Effect[] {
    const id = headerOf(frame, 'id');
    const destination = this.#version === '1.0' ? headerOf(frame, 'destination') : undefined;
    if (id === undefined && destination === undefined)
      return this.#fault(frame, 'An UNSUBSCRIBE needs the id of its subscription.');
    const ended = this.#subscriptionsOf(id, destination);
    const wasWithdrawn = this.#withdrawn?.delete(id ?? destination ?? '') === true;
    if (ended.length === 0 && !wasWithdrawn) return this.#fault(frame, 'There is no subscription with this id.');
    for (const subscription of ended) this.#subscriptions.delete(subscription.id);
    const effects = ended.map((subscription): Effect => ({ do: 'unsubscribe', subscription }));
    return [...effects, ...this.#receipt(headerOf(frame, 'receipt'))];
  }

  /** Without an id it means all to the destination: "to no longer receive messages from that destination" (1.0). */
  #subscriptionsOf(id: string | undefined, destination: string | undefined): readonly Subscription[] {
    if (id === undefined) return [...this.#subscriptions.values()].filter((each) => each.destination === destination);
    const subscription = this.#subscriptions.get(id);
    return subscription === undefined ? [] : [subscription];
  }

  #acknowledge(frame: StompFrame): Effect[] {
    const message = acknowledgedBy(frame, this.#version);
    if (message === null) return this.#fault(frame, ACK_RULES[this.#version]);
    const isRefused = frame.command === 'NACK';
    const acknowledgement = { ...message, isRefused, receiptId: headerOf(frame, 'receipt') };
    const transactionId = headerOf(frame, 'transaction');
    if (transactionId === undefined) return this.#settle(acknowledgement);
    const { receiptId } = acknowledgement;
    const add = () => this.#transactions.addAcknowledgement(transactionId, acknowledgement);
    return this.#addTo(transactionId, frame, { receiptId }, add);
  }

  /** What is acknowledged already, or belongs to a subscription that has ended, was answered for: that is no fault. */
  #settle({ subscriptionId, messageId, isRefused, receiptId }: Acknowledgement): Effect[] {
    const named = subscriptionId === null ? null : this.#subscriptions.get(subscriptionId);
    const concerned = named === null ? this.#subscriptions.values() : named === undefined ? [] : [named];
    for (const { unacknowledged } of concerned) unacknowledged?.settle(messageId, { isRefused });
    return this.#receipt(receiptId);
  }

  #begin(frame: StompFrame): Effect[] {
    const id = headerOf(frame, 'transaction');
    if (id === undefined) return this.#fault(frame, 'A BEGIN needs a transaction.');
    if (this.#transactions.has(id)) return this.#fault(frame, 'A transaction with this name is open already.');
    const receiptId = headerOf(frame, 'receipt');
    const refusal = this.#transactions.begin(id);
    return refusal === null ? this.#receipt(receiptId) : this.#endAs(refusal, receiptId);
  }

  #addTo(transactionId: string, frame: StompFrame, origin: RequestOrigin, add: () => ChatError | null): Effect[] {
    if (!this.#transactions.has(transactionId)) return this.#fault(frame, NOT_BEGUN);
    const refusal = add();
    return refusal === null ? [] : this.failed(origin, refusal);
  }

  #commit(frame: StompFrame): Effect[] {
    const transaction = this.#transactions.take(headerOf(frame, 'transaction') ?? '');
    if (transaction === undefined) return this.#fault(frame, NOT_BEGUN);
    const sends = transaction.frames.flatMap((part) => (part.kind === 'send' ? [part.send] : []));
    const commit = { transaction, sends, receiptId: headerOf(frame, 'receipt') };
    if (transaction.refusal !== null) return this.commitFailed(commit, transaction.refusal);
    return sends.length === 0 ? this.committed(commit, []) : [{ do: 'commit', commit }];
  }

  #abort(frame: StompFrame): Effect[] {
    const transaction = this.#transactions.take(headerOf(frame, 'transaction') ?? '');
    if (transaction === undefined) return this.#fault(frame, NOT_BEGUN);
    return [...this.#aborted(transaction), ...this.#receipt(headerOf(frame, 'receipt'))];
  }

  /** Its frames were processed: they came to nothing, as the client wished. */
  #aborted({ frames }: Transaction): Effect[] {
    return frames.flatMap((frame) => this.#receipt(originOf(frame).receiptId, { aborted: 'true' }));
  }

  /** Its RECEIPT says that everything before it was processed (1.2, "DISCONNECT"), so it waits for what is in flight. */
  #disconnect(frame: StompFrame): Effect[] {
    this.#phase = 'disconnecting';
    this.#disconnectReceiptId = headerOf(frame, 'receipt');
    const aborted = this.#transactions.takeAll().flatMap((transaction) => this.#aborted(transaction));
    return [...aborted, { do: 'finish' }];
  }

  #isAnswering(): boolean {
    return this.#phase === 'connected' || this.#phase === 'disconnecting';
  }

  #receipt(receiptId: string | undefined, headers: Readonly<Record<string, string>> = {}): Effect[] {
    return receiptId === undefined ? [] : [{ do: 'send', frame: receiptFrame(receiptId, headers) }];
  }

  #endAs(error: ChatError, receiptId: string | undefined): Effect[] {
    return this.#endWith(error.message, { code: error.code, receiptId }, closeReasonOf(error));
  }

  #unknownDestination(frame: StompFrame, command: string): Effect[] {
    return this.#endWith(
      `There is no such destination for ${command}.`,
      { code: 'UNKNOWN_DESTINATION', receiptId: headerOf(frame, 'receipt') },
      'PROTOCOL',
    );
  }

  #fault(frame: StompFrame, message: string): Effect[] {
    return this.#endWith(message, { code: 'PROTOCOL_ERROR', receiptId: headerOf(frame, 'receipt') }, 'PROTOCOL');
  }

  #endWith(message: string, about: ErrorFrameHeaders, reason: CloseReason): Effect[] {
    this.#phase = 'ended';
    return [
      { do: 'send', frame: errorFrame(message, about) },
      { do: 'close', reason },
    ];
  }
}

/** What may work later is no fault of the client's: it should come back; who was revoked must not. */
function closeReasonOf(error: ChatError): CloseReason {
  if (error.code === 'REVOKED') return 'REVOKED';
  return error.retryable ? 'OVERLOADED' : 'POLICY';
}

function isAckMode(text: string): text is AckMode {
  return ACK_MODES.some((mode) => mode === text);
}

function originOf(frame: TransactionFrame): RequestOrigin {
  return frame.kind === 'send' ? frame.send : { receiptId: frame.acknowledgement.receiptId };
}

function unknownCommand(command: string): string {
  const name = command.slice(0, 20);
  return CLIENT_COMMANDS.has(command)
    ? `${name} is not supported here.`
    : `There is no frame command ${JSON.stringify(name)}.`;
}
