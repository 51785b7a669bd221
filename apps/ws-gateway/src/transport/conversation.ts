import { setImmediate } from 'node:timers/promises';
import type { Caller } from '@chat/auth';
import type { UserId } from '@chat/dto';
import { ChatError, DeadlineError, toChatError, withDeadline, type Logger } from '@chat/service-kit';
import {
  HEART_BEAT,
  HEART_BEAT_BYTES,
  headerOf,
  serializeFrame,
  StompProtocolError,
  type FrameLimits,
  type ParserEvent,
  type StompFrame,
  type StompVersion,
} from '@chat/stomp';
import type { Dispatched } from '../broker/dispatched.ts';
import type { Gateway, OpenSession, SessionEnd } from '../broker/gateway.ts';
import type { FrameReceiver } from '../broker/live-session.ts';
import type { Outcome } from '../broker/outcome.ts';
import { tokensWith, type SessionToken } from '../broker/session-tokens.ts';
import { allocateTextFrame } from '../broker/websocket-frame.ts';
import { HEART_BEAT_COMMAND, type GatewayMetrics } from '../metrics.ts';
import {
  isMessageSend,
  type ClientSend,
  type MessageSend,
  type RequestOrigin,
  type Subscription,
} from '../broker/requests.ts';
import {
  ANSWER_DEADLINE_MS,
  FRAMES_PER_TURN,
  REPLAY_DEADLINE_MS,
  SEND_WAIT_MAX_MS,
  STORED_DEADLINE_MS,
} from '../limits.ts';
import type { CloseReason } from '../stomp/close-reasons.ts';
import type { Commit, Effect, HeartBeatAgreement } from '../stomp/effects.ts';
import { Session, type SessionOptions } from '../stomp/session.ts';
import { ErrorReports } from './error-reports.ts';
import { FrameIntake, type Arrival } from './frame-intake.ts';
import { heartBeatDueAt, judgeLiveness, type LivenessLimits, type LivenessVerdict } from './liveness.ts';

/** The socket's side of a conversation. */
export interface ConversationLink extends FrameReceiver {
  readonly lastSentAt: number;
  readonly stalledSince: number | null;
  ping(): void;
  pauseReading(): void;
  resumeReading(): void;
  close(reason: CloseReason): void;
  terminate(): void;
}

export interface ConversationOptions {
  readonly link: ConversationLink;
  readonly gateway: Gateway;
  readonly session: SessionOptions;
  readonly frameLimits: FrameLimits;
  readonly maxInFlightSends: number;
  readonly liveness: LivenessLimits;
  readonly now: () => number;
  readonly metrics: GatewayMetrics;
  readonly logger: Logger;
}

/** What comes of the outcome of a frame. */
interface Answers<Result> {
  readonly accepted: (result: Result) => readonly Effect[];
  readonly failed: (error: ChatError) => readonly Effect[];
}

/** Between two looks at a connected session, in ms: so much later than it happened it is noticed that a client is lost. */
const LOOK_EVERY_MS = 1_000;

/** Closes after which nobody comes back: they are no loss. */
const FINAL_REASONS: ReadonlySet<CloseReason> = new Set(['NORMAL', 'REVOKED']);

const HEART_BEAT_FRAME = allocateTextFrame(HEART_BEAT_BYTES.length);
HEART_BEAT_FRAME.set(HEART_BEAT_BYTES, HEART_BEAT_FRAME.length - HEART_BEAT_BYTES.length);

/**
 * One WebSocket's STOMP conversation: bytes through the parser into the session's state machine, and what the machine
 * wants done, done. Frames are handled one after another; while one waits for an answer the socket is not read.
 */
export class Conversation implements OpenSession {
  readonly sessionId: string;
  readonly receiver: FrameReceiver;
  readonly #options: ConversationOptions;
  readonly #session: Session;
  readonly #intake: FrameIntake;
  readonly #errorReports = new ErrorReports(this);
  readonly #openedAt: number;
  #caller: Caller | null = null;
  #tokens: readonly SessionToken[] = [];
  #heartBeat: HeartBeatAgreement = { sendEveryMs: 0, expectEveryMs: 0 };
  #lastReceivedAt: number;
  #connectedAt = 0;
  #lastPingAt = 0;
  #lookAgainAt = 0;
  #isBusy = false;
  #isPaused = false;
  /** When the bytes of the frame that is being handled came. */
  #frameReceivedAt = 0;
  #isEnded = false;
  #isReadingOver = false;
  #inFlightCount = 0;
  #handledInTurn = 0;
  #idle: PromiseWithResolvers<void> | null = null;

  constructor(options: ConversationOptions) {
    this.#options = options;
    this.sessionId = options.session.sessionId;
    this.receiver = options.link;
    this.#session = new Session(options.session);
    this.#intake = new FrameIntake(options.frameLimits);
    this.#openedAt = options.now();
    this.#lastReceivedAt = this.#openedAt;
  }

  get caller(): Caller {
    if (this.#caller === null) throw new Error('the session is not open');
    return this.#caller;
  }

  get tokens(): readonly SessionToken[] {
    return this.#tokens;
  }

  get userId(): UserId {
    return this.caller.userId;
  }

  get version(): StompVersion {
    return this.#session.version;
  }

  get appVersion(): string | undefined {
    return this.#session.appVersion;
  }

  get subscriptions(): ReadonlyMap<string, Subscription> {
    return this.#session.subscriptions;
  }

  readonly subscriptionTo = (kind: Subscription['target']['kind']): Subscription | undefined =>
    this.#session.subscriptionTo(kind);

  readonly fail = (error: ChatError): void => {
    this.#run(this.#session.fail(error));
  };

  readonly renew = (caller: Caller): void => {
    this.#setCaller(caller);
    this.#lookAgainAt = 0; // it may expire sooner than the one before
  };

  readonly withdraw = (subscription: Subscription, error: ChatError): void => {
    this.#run(this.#session.withdraw(subscription, error));
  };

  /** A WebSocket message came: part of a frame, a frame, or several. */
  receiveBytes(bytes: Uint8Array): void {
    this.noteSignOfLife();
    if (this.#isEnded) return;
    this.#intake.push(bytes, this.#lastReceivedAt);
    this.#pump();
  }

  noteSignOfLife(): void {
    this.#lastReceivedAt = this.#options.now();
  }

  /** The socket is gone; without a DISCONNECT before it the session was lost. */
  socketClosed(): void {
    this.#end(this.#session.isDisconnecting ? 'CLOSED' : 'LOST');
  }

  /** Does what the clock asks for; called often, and looks closer only now and then, or when a heart-beat is due. */
  sweep(): void {
    if (this.#isEnded) return;
    const now = this.#options.now();
    if (now < this.#lookAgainAt) return;
    if (this.#isPaused) this.noteSignOfLife(); // heart-beats may lie unread
    if (this.#caller !== null && now >= this.#caller.expiresAt) this.#run(this.#session.tokenExpired());
    if (this.#isEnded) return;
    this.#act(this.#judge(now));
    this.#pingIfSilent(now);
    if (this.#caller !== null) this.#lookAgainAt = this.#nextLookAt(now, this.#caller.expiresAt);
  }

  #nextLookAt(now: number, expiresAt: number): number {
    const { sendEveryMs } = this.#heartBeat;
    const heartBeatAt = sendEveryMs === 0 ? Infinity : heartBeatDueAt(this.#lastSentAt, sendEveryMs);
    return Math.min(now + LOOK_EVERY_MS, heartBeatAt, expiresAt);
  }

  get #lastSentAt(): number {
    return Math.max(this.#options.link.lastSentAt, this.#connectedAt);
  }

  /** Takes nothing more in, waits for the SENDs in flight to be answered, at most so long, and closes for a restart. */
  async drain(graceMs: number): Promise<void> {
    this.#isReadingOver = true;
    this.#pauseReading();
    if (this.#caller !== null) this.#options.gateway.hurry(this);
    if (this.#inFlightCount > 0 && !this.#isEnded) await this.#inFlightAnswered(graceMs);
    if (!this.#isEnded) this.#closeFor('RESTART');
  }

  #inFlightAnswered(deadlineMs: number): Promise<void> {
    this.#idle = Promise.withResolvers<void>();
    const timer = setTimeout(this.#idle.resolve, deadlineMs);
    return this.#idle.promise.finally(() => clearTimeout(timer));
  }

  #judge(now: number): LivenessVerdict {
    const { link, liveness } = this.#options;
    return judgeLiveness(
      {
        now,
        openedAt: this.#openedAt,
        isConnected: this.#session.isConnected,
        lastReceivedAt: this.#lastReceivedAt,
        lastSentAt: this.#lastSentAt,
        stalledSince: link.stalledSince,
        ...this.#heartBeat,
      },
      liveness,
    );
  }

  #act(verdict: LivenessVerdict): void {
    const { link } = this.#options;
    switch (verdict) {
      case 'send-heart-beat':
        this.#options.metrics.framesSent.inc({ command: HEART_BEAT_COMMAND });
        return link.sendFramed(HEART_BEAT_FRAME);
      case 'connect-overdue':
        return this.#run(this.#session.connectOverdue());
      case 'stalled':
        return this.#closeFor('OVERLOADED');
      case 'silent':
        this.#end('LOST');
        return link.terminate();
      case 'fine':
        return;
    }
  }

  #pingIfSilent(now: number): void {
    const everyMs = this.#options.liveness.idleAfterMs / 3;
    if (now - Math.max(this.#lastReceivedAt, this.#lastPingAt) < everyMs) return;
    this.#lastPingAt = now;
    this.#options.link.ping();
  }

  /** Parses and handles frames until one has to wait, none is complete, or others must have their turn. */
  #pump(): void {
    while (!this.#isBusy && !this.#isEnded && !this.#isReadingOver) {
      if (this.#handledInTurn === FRAMES_PER_TURN) return this.#hold(this.#nextTurn());
      const arrival = this.#nextArrival();
      if (arrival === null) return;
      this.#handledInTurn += 1;
      this.#frameReceivedAt = arrival.receivedAt;
      this.#take(arrival.event);
    }
  }

  #take(event: ParserEvent): void {
    const isFrame = event !== HEART_BEAT;
    this.#options.metrics.framesReceived.inc({ command: isFrame ? event.command : HEART_BEAT_COMMAND });
    if (isFrame) this.#run(this.#session.receive(event));
  }

  async #nextTurn(): Promise<void> {
    await setImmediate();
    this.#handledInTurn = 0;
  }

  #nextArrival(): Arrival | null {
    try {
      return this.#intake.next();
    } catch (error) {
      if (!(error instanceof StompProtocolError)) throw error;
      this.#run(this.#session.broken(error));
      return null;
    }
  }

  #run(effects: readonly Effect[]): void {
    for (const effect of effects) this.#perform(effect);
  }

  #perform(effect: Effect): void {
    switch (effect.do) {
      case 'send':
        this.#noteError(effect.frame);
        return this.#send(effect.frame);
      case 'close':
        return this.#closeFor(effect.reason);
      case 'set-version':
        return this.#intake.setVersion(effect.version);
      case 'authenticate':
        return this.#hold(this.#authenticate(effect.token));
      case 'open':
        return this.#open(effect.caller, effect.heartBeat);
      case 'subscribe':
        return this.#subscribe(effect.subscription, effect.receiptId);
      case 'unsubscribe':
        return this.#options.gateway.unsubscribe(this, effect.subscription);
      case 'dispatch':
        return this.#dispatch(effect.send);
      case 'commit':
        return this.#commit(effect.commit);
      case 'report':
        return this.#report(effect.error, effect.origin);
      case 'drop':
        this.#options.metrics.unheardRefusals.inc({ code: effect.error.code });
        return;
      case 'finish':
        this.#options.gateway.hurry(this);
        return this.#finishIfAnswered();
      case 'end':
        return this.#end('CLOSED');
    }
  }

  #report(error: ChatError, origin: RequestOrigin): void {
    const { metrics } = this.#options;
    metrics.refusals.inc({ code: error.code });
    if (this.#errorReports.tell(error, origin)) metrics.deliveries.inc({ source: 'errors' });
  }

  #send(frame: StompFrame): void {
    this.#options.metrics.framesSent.inc({ command: frame.command });
    this.#options.link.sendFramed(serializeFrame(frame, this.version, allocateTextFrame));
  }

  /** Nothing behind this frame is handled before it is done. */
  #hold(work: Promise<void>): void {
    this.#isBusy = true;
    this.#pauseReading();
    void work.finally(() => this.#release());
  }

  #pauseReading(): void {
    this.#isPaused = true;
    this.#options.link.pauseReading();
  }

  /** Reads on, unless a frame waits for an answer, too many SENDs do, or nothing more is taken in. */
  #resumeIfFree(): void {
    if (!this.#isPaused || this.#isBusy || this.#isEnded || this.#isReadingOver) return;
    if (this.#inFlightCount >= this.#options.maxInFlightSends) return;
    this.noteSignOfLife(); // the silence while nobody read was ours
    this.#isPaused = false;
    this.#options.link.resumeReading();
  }

  #release(): void {
    this.#isBusy = false;
    this.#resumeIfFree();
    this.#pump();
  }

  async #authenticate(token: string | undefined): Promise<void> {
    try {
      const caller = await this.#options.gateway.authenticate(token);
      if (!this.#isEnded) this.#run(this.#session.authenticated(caller));
      if (this.#caller === null) this.#options.gateway.abandon(caller);
    } catch (error) {
      this.#run(this.#session.refused(this.#asChatError(error)));
    }
  }

  #open(caller: Caller, heartBeat: HeartBeatAgreement): void {
    this.#setCaller(caller);
    this.#heartBeat = heartBeat;
    this.#connectedAt = this.#options.now();
    this.#options.metrics.connects.inc({ version: this.version });
    this.#options.gateway.open(this);
  }

  #setCaller(caller: Caller): void {
    this.#caller = caller;
    this.#tokens = tokensWith(this.#tokens, caller, this.#options.now());
  }

  #subscribe(subscription: Subscription, receiptId: string | undefined): void {
    const dueAt = this.#frameReceivedAt + REPLAY_DEADLINE_MS;
    const { handedOver, outcome } = this.#options.gateway.subscribe(this, subscription, dueAt);
    this.#takeOff();
    const answered = this.#answerSubscribe(subscription, receiptId, outcome);
    if (handedOver !== null) this.#hold(Promise.race([handedOver, answered]));
  }

  async #answerSubscribe(subscription: Subscription, receiptId: string | undefined, outcome: Promise<Outcome>) {
    const undo = () => this.#options.gateway.unsubscribe(this, subscription);
    try {
      const headers = await this.#inTime(outcome, 'UNAVAILABLE');
      if (this.#isEnded) undo();
      else this.#run(this.#session.subscribed(receiptId, headers));
    } catch (error) {
      if (!this.#isEnded) this.#run(this.#session.subscribeRefused(subscription, this.#asChatError(error), receiptId));
      void outcome.then(undo, () => {}); // what succeeds late leaves nothing behind
    }
    this.#answered();
  }

  #dispatch(send: ClientSend): void {
    const answers: Answers<Outcome> = {
      accepted: (headers) => this.#session.accepted(send, headers),
      failed: (error) => this.#session.failed(send, error),
    };
    this.#handOver(
      () => this.#options.gateway.dispatch(this, send, this.#frameReceivedAt + STORED_DEADLINE_MS),
      isMessageSend(send) ? this.#noted([send], answers, (outcome) => [outcome]) : answers,
    );
  }

  #commit(commit: Commit): void {
    const answers: Answers<readonly Outcome[]> = {
      accepted: (outcomes) => this.#session.committed(commit, outcomes),
      failed: (error) => this.#session.commitFailed(commit, error),
    };
    this.#handOver(
      () => this.#options.gateway.commit(this, commit.sends, this.#frameReceivedAt + STORED_DEADLINE_MS),
      this.#noted(commit.sends, answers, (outcomes) => outcomes),
    );
  }

  /** The same, which also notes what the messages of the frame that is being handled are answered, and how long that took. */
  #noted<Result>(
    sends: readonly MessageSend[],
    { accepted, failed }: Answers<Result>,
    outcomesOf: (result: Result) => readonly Outcome[],
  ): Answers<Result> {
    const { gateway, metrics, now } = this.#options;
    const receivedAt = this.#frameReceivedAt;
    const note = (outcome: 'accepted' | 'refused', answer: readonly Outcome[] | ChatError) => {
      metrics.sendSeconds.observe({ outcome }, (now() - receivedAt) / 1_000);
      gateway.answered(this, sends, answer);
    };
    return {
      accepted: (result) => (note('accepted', outcomesOf(result)), accepted(result)),
      failed: (error) => (note('refused', error), failed(error)),
    };
  }

  /** Hands the frame that is being handled over, unless it has waited too long, and runs what comes of it. */
  #handOver<Result>(begin: () => Dispatched<Result>, answers: Answers<Result>): void {
    if (this.#isTooLate()) return this.#run(answers.failed(new ChatError('UNAVAILABLE')));
    const { handedOver, outcome } = begin();
    this.#takeOff();
    // the same way for every SEND: one with fewer promises in it would have its RECEIPT before those sent earlier
    void this.#answer(this.#inTime(outcome, 'UNKNOWN'), answers);
    if (handedOver !== null) this.#hold(handedOver);
  }

  async #answer<Result>(outcome: Promise<Result>, { accepted, failed }: Answers<Result>): Promise<void> {
    try {
      const result = await outcome;
      this.#run(accepted(result));
    } catch (error) {
      this.#run(failed(this.#asChatError(error)));
    }
    this.#answered();
  }

  /** Whether the frame that is being handled has waited so long behind others that it might hold those behind it too long. */
  #isTooLate(): boolean {
    return this.#options.now() - this.#frameReceivedAt > SEND_WAIT_MAX_MS;
  }

  /** One more frame is in flight, until it is answered. */
  #takeOff(): void {
    this.#inFlightCount += 1;
    if (this.#inFlightCount >= this.#options.maxInFlightSends) this.#pauseReading();
  }

  /** The outcome, or a refusal with this code when the answer to the frame that is being handled is due. */
  async #inTime<Result>(outcome: Promise<Result>, lateCode: 'UNAVAILABLE' | 'UNKNOWN'): Promise<Result> {
    const leftMs = Math.max(0, this.#frameReceivedAt + ANSWER_DEADLINE_MS - this.#options.now());
    try {
      return await withDeadline(outcome, leftMs, 'answering a frame');
    } catch (error) {
      throw error instanceof DeadlineError ? new ChatError(lateCode, { cause: error }) : error;
    }
  }

  #answered(): void {
    this.#inFlightCount -= 1;
    if (this.#inFlightCount === 0) this.#idle?.resolve();
    if (this.#session.isDisconnecting) this.#finishIfAnswered();
    this.#resumeIfFree();
  }

  #finishIfAnswered(): void {
    if (this.#inFlightCount === 0) this.#run(this.#session.finished());
  }

  #noteError(frame: StompFrame): void {
    if (frame.command === 'ERROR') this.#options.metrics.refusals.inc({ code: headerOf(frame, 'code') ?? 'none' });
  }

  #asChatError(error: unknown): ChatError {
    const chatError = toChatError(error);
    if (chatError.code === 'INTERNAL') this.#options.logger.error({ err: error }, 'a request failed unexpectedly');
    return chatError;
  }

  #closeFor(reason: CloseReason): void {
    this.#end(FINAL_REASONS.has(reason) ? 'CLOSED' : 'LOST');
    this.#options.link.close(reason);
  }

  #end(end: SessionEnd): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#idle?.resolve();
    if (this.#caller !== null) this.#options.gateway.close(this, end);
  }
}
