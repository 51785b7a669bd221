import type { Client, IFrame, StompConfig } from 'stompjs-7';
import { describeError, type SessionOptions, type StompDriver, type StompSession } from './driver.ts';

/** What is used here of a module of @stomp/stompjs: the same in every major version since 5. */
export interface StompJs {
  readonly Client: new (settings: StompJsSettings) => StompJsClient;
}

type StompJsSettings = Pick<
  StompConfig,
  | 'brokerURL'
  | 'connectHeaders'
  | 'heartbeatIncoming'
  | 'heartbeatOutgoing'
  | 'reconnectDelay'
  | 'debug'
  | 'onConnect'
  | 'onUnhandledReceipt'
  | 'onDisconnect'
  | 'onStompError'
  | 'onWebSocketClose'
>;

type StompJsClient = Pick<Client, 'activate' | 'publish' | 'subscribe' | 'unsubscribe' | 'begin'> & {
  deactivate(): void | Promise<void>;
};

/** @stomp/stompjs of any major version since 5. */
export function stompJsDriver(stompJs: StompJs): StompDriver {
  return {
    limits: {
      transactionReceipt: 'begin() returns commit() and abort(), which take no headers',
      disconnectReceipt: null,
    },
    open: (options) => open(stompJs, options),
  };
}

function open(stompJs: StompJs, { url, token, heartBeatMs, events }: SessionOptions): Promise<StompSession> {
  const { promise: opened, resolve, reject } = Promise.withResolvers<StompSession>();
  const { promise: disconnected, resolve: onDisconnected } = Promise.withResolvers<void>();
  let error: string | null = null;
  let isLeaving = false;
  const client = new stompJs.Client({
    brokerURL: url,
    connectHeaders: { Authorization: `Bearer ${token}` },
    heartbeatIncoming: heartBeatMs,
    heartbeatOutgoing: heartBeatMs,
    reconnectDelay: 0,
    debug: (text) => {
      if (text === '<<< PONG') events.onHeartBeat();
    },
    onConnect: (connected) => resolve(sessionOf(connected)),
    onUnhandledReceipt: (receipt) => events.onReceipt(receipt),
    onDisconnect: () => onDisconnected(),
    onStompError: (frame) => (error = describeError(frame)),
    onWebSocketClose: ({ code, reason }: { code: number; reason: string }) => {
      if (isLeaving) return;
      const sentence = `${error === null ? '' : `${error}, then `}close ${code} ${reason}`.trimEnd();
      reject(new Error(sentence));
      events.onLost(sentence);
    },
  });
  const sessionOf = ({ headers }: IFrame): StompSession => ({
    version: headers['version'] ?? '1.0',
    subscribe: (destination, onMessage, wanted) => void client.subscribe(destination, onMessage, wanted),
    unsubscribe: (id) => client.unsubscribe(id),
    send: (destination, body, wanted) => client.publish({ destination, body, headers: wanted }),
    begin: (transaction) => client.begin(transaction),
    disconnect: () => {
      isLeaving = true;
      void client.deactivate();
      return disconnected;
    },
  });
  client.activate();
  return opened;
}
