import webstomp from 'webstomp-client';
import {
  describeError,
  type ReceivedFrame,
  type SessionOptions,
  type StompDriver,
  type StompSession,
} from './driver.ts';

/** webstomp-client over the WebSocket of Node. */
export const webstompDriver: StompDriver = {
  limits: {
    transactionReceipt: 'begin() returns commit() and abort(), which take no headers',
    disconnectReceipt: 'disconnect() closes the WebSocket right behind DISCONNECT, so nothing is received any more',
  },
  open: ({ url, token, heartBeatMs, events }: SessionOptions) => {
    const { promise: opened, resolve, reject } = Promise.withResolvers<StompSession>();
    const client = webstomp.over(new WebSocket(url, webstomp.VERSIONS.supportedProtocols()), {
      heartbeat: { incoming: heartBeatMs, outgoing: heartBeatMs },
    });
    client.debug = (text: unknown) => {
      if (text === '<<< PONG') events.onHeartBeat();
    };
    client.onreceipt = (receipt) => events.onReceipt(receipt as ReceivedFrame); // no header is undefined in a frame
    const sessionOf = (version: string | undefined): StompSession => ({
      version: version ?? '1.0',
      subscribe: (destination, onMessage, headers) =>
        void client.subscribe(destination, (message) => onMessage(message as Parameters<typeof onMessage>[0]), headers),
      unsubscribe: (id) => client.unsubscribe(id),
      send: (destination, body, headers) => client.send(destination, body, headers),
      begin: (transaction) => client.begin(transaction) as unknown as ReturnType<StompSession['begin']>, // typed as void
      disconnect: () => new Promise((left) => client.disconnect(() => left())),
    });
    client.connect(
      { Authorization: `Bearer ${token}` },
      (connected) => resolve(sessionOf(connected?.headers['version'])),
      (problem) => {
        const sentence =
          'code' in problem ? `close ${problem.code} ${problem.reason}` : describeError(problem as never);
        reject(new Error(sentence));
        events.onLost(sentence);
      },
    );
    return opened;
  },
};
