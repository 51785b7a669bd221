import type { AddressInfo } from 'node:net';
import { createInterface } from 'node:readline';
import { WebSocketServer } from 'ws';

// What a WebSocket of `ws` takes when nobody does anything with it.

const server = new WebSocketServer({ host: '127.0.0.1', port: 0, perMessageDeflate: false, clientTracking: false });
server.on('connection', (socket) => socket.on('message', () => {}));
server.on('listening', () => console.log(`listening ${(server.address() as AddressInfo).port}`)); // it listens on TCP
createInterface({ input: process.stdin }).on('close', () => process.exit(0));
