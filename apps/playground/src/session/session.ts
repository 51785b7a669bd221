import { createChatClient, type ChatClient, type ChatClientError, type ObservedFrame } from '@chat/client';
import type { Gateway } from '../configuration.ts';
import type { Side } from '../inspector/frame-log.ts';
import type { ControlClient } from '../stack/control-client.ts';
import { createCuttableNetwork, type CuttableNetwork } from './cuttable-network.ts';

/** A user of the page with a connection of their own. */
export interface Session {
  readonly side: Side;
  readonly userId: number;
  readonly username: string;
  readonly client: ChatClient;
  readonly network: CuttableNetwork;
}

export interface SessionOptions {
  readonly side: Side;
  readonly username: string;
  readonly gateway: Gateway;
  readonly restUrl: string;
  readonly control: ControlClient;
  readonly onFrame: (side: Side, frame: ObservedFrame) => void;
  readonly onError: (side: Side, error: ChatClientError) => void;
}

/** Asks who the user is, and begins to connect. */
export async function openSession(options: SessionOptions, signal: AbortSignal): Promise<Session> {
  const { side, username, gateway, restUrl, control, onFrame, onError } = options;
  const { userId } = await control.makeToken(username, signal);
  const network = createCuttableNetwork(WebSocket);
  const client = createChatClient({
    gatewayUrl: gateway.wsUrl,
    apiUrl: restUrl,
    getToken: async (request) => (await control.makeToken(username, request.signal)).token,
    onFrame: (frame) => onFrame(side, frame),
    onError: (error) => onError(side, error),
    WebSocket: network.WebSocket,
  });
  client.connect();
  return { side, userId, username, client, network };
}
