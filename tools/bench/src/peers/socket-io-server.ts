import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Server } from 'socket.io';
import { markedMessage, type MarkedMessage } from '../load/marked-message.ts';
import { obeyFanOutCommands } from './fan-out-commands.ts';

// Socket.IO with its own rooms, by WebSocket alone, on its own default engine.

const OVERHEAD_BYTES = '42["message",]'.length;

const http = createServer();
const io = new Server(http, { transports: ['websocket'] });
const sizes = new Map<number, { size: number }>();
let received = 0;

function broadcast(message: MarkedMessage): void {
  io.to(String(message.roomId)).emit('message', message);
}

io.on('connection', (socket) => {
  socket.on('join', async (roomIds: readonly number[]) => {
    for (const roomId of roomIds) {
      await socket.join(String(roomId));
      sizes.set(roomId, { size: (sizes.get(roomId)?.size ?? 0) + 1 });
    }
    socket.emit('joined');
  });
  socket.on('send', ({ roomId, content }: { roomId: number; content: string }) => {
    broadcast(markedMessage(received++, roomId, content, OVERHEAD_BYTES));
  });
});
http.listen(0, '127.0.0.1', () => {
  const { port } = http.address() as AddressInfo; // it listens on TCP
  obeyFanOutCommands({ port, rooms: sizes, overheadBytes: OVERHEAD_BYTES, broadcast });
});
