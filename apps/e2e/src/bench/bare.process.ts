import { randomUUID } from 'node:crypto';
import { createServer } from 'node:http';
import { url as inspectorUrl } from 'node:inspector';
import { createClient } from '@redis/client';
import { createAdapter } from '@socket.io/redis-streams-adapter';
// eslint-disable-next-line no-restricted-imports -- the bare server that the gateway is held against
import { Server } from 'socket.io';

/**
 * What one would write in an afternoon: a Socket.IO server that gives each message to a room. No token is checked,
 * nothing is kept; the message has the same JSON as Maru's. Arguments: the id of the room that everybody is in who does
 * not name his own by `resume`, and where a Redis is that joins several such servers, if any; `seq` is dense as long as
 * all senders are on one of them.
 */
const [commonRoom = '', redisUrl] = process.argv.slice(2);
const http = createServer();
const io = new Server(http, { transports: ['websocket'], perMessageDeflate: false, serveClient: false });
/** Of each room; one begins where the first who names it says. */
const seqs = new Map<string, number>();

interface Sent {
  roomId: string;
  id: string;
  text: string;
  metadata: Record<string, unknown>;
}

io.on('connection', (socket) => {
  const { resume = { [commonRoom]: 0 } } = socket.handshake.auth as { resume?: Record<string, number> };
  const rooms: Record<string, { seq: number; reset: false }> = {};
  for (const [roomId, last] of Object.entries(resume)) {
    void socket.join(roomId);
    const seq = seqs.get(roomId) ?? last;
    seqs.set(roomId, seq);
    rooms[roomId] = { seq, reset: false };
  }
  socket.emit('ready', { rooms });
  const senderId = randomUUID();
  socket.on('sendMessage', ({ roomId, id, text, metadata }: Sent, ack: (body: object) => void) => {
    const seq = (seqs.get(roomId) ?? 0) + 1;
    seqs.set(roomId, seq);
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
    const port = typeof address === 'object' ? address?.port : undefined;
    process.send?.({ port, inspector: inspectorUrl() });
  });
}

void main();
process.on('disconnect', () => process.exit(0));
