import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { redisUnderTest } from '@chat/testing';
import { WebSocketServer } from 'ws';

// Presence as one writes it first: a key with a TTL for each user, set anew by each ping, and gone with the socket or by
// itself. In its favour: it knows no tokens, tells nobody that anybody came or went, and has one session a user.

const TTL_S = 30;
const { redis, keyPrefix, cleanUp } = await redisUnderTest();
let userCount = 0;

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false });
server.on('connection', (socket) => {
  userCount += 1;
  const key = `${keyPrefix}presence:user:${userCount}`;
  const keepOnline = () => void redis.set(key, 'ONLINE', 'EX', TTL_S);
  keepOnline();
  socket.on('message', keepOnline);
  socket.on('close', () => void redis.del(key));
});
server.on('listening', () => console.log(`listening ${(server.address() as AddressInfo).port}`)); // it listens on TCP
createInterface({ input: process.stdin }).on('close', () => void cleanUp().then(() => process.exit(0)));
