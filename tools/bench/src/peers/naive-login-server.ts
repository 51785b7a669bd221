import { createHmac } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { TEST_JWT_SECRET } from '@chat/testing';
import { WebSocketServer, type WebSocket } from 'ws';

// A WebSocket server that lets clients into rooms as one writes it first: the token comes in the first message, is looked
// at, and the client is in the room. In its favour: it looks at the signature and `exp` alone, knows no database, tells
// nobody, and one message is login and subscription in one.

const rooms = new Map<number, Set<WebSocket>>();

function isValid(token: string): boolean {
  const [head, payload = '', signature] = token.split('.');
  const expected = createHmac('sha256', TEST_JWT_SECRET).update(`${head}.${payload}`).digest('base64url');
  const { exp } = JSON.parse(Buffer.from(payload, 'base64url').toString()) as { exp: number };
  return signature === expected && exp * 1_000 > Date.now();
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket) => {
  socket.on('message', (data) => {
    const { token, roomId } = JSON.parse(String(data)) as { token: string; roomId: number };
    if (!isValid(token)) return socket.close(1008);
    const members = rooms.get(roomId) ?? new Set();
    rooms.set(roomId, members.add(socket));
    socket.send(JSON.stringify({ type: 'subscribed', roomId }));
    socket.on('close', () => members.delete(socket));
  });
});
server.on('listening', () => console.log(`listening ${(server.address() as AddressInfo).port}`)); // it listens on TCP
createInterface({ input: process.stdin }).on('close', () => process.exit(0));
