import type { AddressInfo } from 'node:net';
import { WebSocketServer, type WebSocket } from 'ws';
import { markedMessage, type MarkedMessage } from '../load/marked-message.ts';
import { obeyFanOutCommands } from './fan-out-commands.ts';

// A broadcast server as one writes it first: rooms are sets of sockets, a message is JSON, and each member of the room is
// sent the string. In its favour: the string is made once a message, tokens and rights are not looked at.

const rooms = new Map<number, Set<WebSocket>>();
let received = 0;

function broadcast(message: MarkedMessage): void {
  const text = JSON.stringify(message);
  for (const member of rooms.get(message.roomId) ?? []) member.send(text);
}

function join(socket: WebSocket, roomId: number): void {
  const members = rooms.get(roomId) ?? new Set();
  rooms.set(roomId, members.add(socket));
}

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false });
server.on('connection', (socket, request) => {
  const list = new URL(request.url ?? '', 'http://127.0.0.1').searchParams.get('rooms') ?? '';
  for (const roomId of list.split(',').filter(Boolean)) join(socket, Number(roomId));
  socket.on('message', (data) => {
    const { roomId, content } = JSON.parse(String(data)) as { roomId: number; content: string };
    broadcast(markedMessage(received++, roomId, content, 0));
  });
  socket.on('close', () => rooms.forEach((members) => members.delete(socket)));
});
server.on('listening', () => {
  const { port } = server.address() as AddressInfo; // it listens on TCP
  obeyFanOutCommands({ port, rooms, overheadBytes: 0, broadcast });
});
