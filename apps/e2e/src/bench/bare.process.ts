import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { createClient } from '@redis/client';
import { createAdapter } from '@socket.io/redis-streams-adapter';
// eslint-disable-next-line no-restricted-imports -- the bare server that the gateway is held against
import { Server } from 'socket.io';

/**
 * What one would write in an afternoon: a Socket.IO server that gives each message to a room. No token is checked,
 * nothing is kept; the message has the same JSON as Maru's. Arguments: the room's id, and where a Redis is that joins
 * several such servers, if any; `seq` is dense as long as all senders are on one of them.
 */
const [roomId = '', redisUrl] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
let seq = 0;

interface Sent {
  id: string;
  text: string;
  metadata: Record<string, unknown>;
}

io.on('connection', (socket) => {
  void socket.join(roomId);
  socket.emit('ready', { rooms: { [roomId]: { seq, reset: false } } });
  const senderId = randomUUID();
  socket.on('sendMessage', ({ id, text, metadata }: Sent, ack: (body: object) => void) => {
    seq++;
    const createdAt = new Date().toISOString();
    const message = {
      type: 'message',
      id,
      roomId,
      seq,
      messageNo: seq,
      senderId,
      text,
      kind: 'text',
      metadata,
      createdAt,
    };
    io.to(roomId).emit('newMessage', message);
    ack({ ok: true, id, seq, createdAt });
  });
});

async function main(): Promise<void> {
  if (redisUrl !== undefined) {
    const redis = createClient({ url: redisUrl });
    redis.on('error', (error) => console.error(error));
    await redis.connect();
    io.adapter(createAdapter(redis, { onlyPlaintext: true }));
  }
  http.listen(0, '127.0.0.1', () => {
    const address = http.address();
    process.send?.(typeof address === 'object' ? address?.port : undefined);
  });
}

void main();
process.on('disconnect', () => process.exit(0));
