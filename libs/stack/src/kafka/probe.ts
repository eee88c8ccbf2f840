import { connect } from 'node:net';
import { connect as connectTls, type SecureContextOptions } from 'node:tls';

export interface ClusterView {
  clusterId: string;
  /** Ids of the brokers that the asked one knows and that take part now. */
  brokerIds: number[];
}

/**
 * Asks a broker (`host:port`) for its cluster with one Metadata request (version 2, no topics), written by hand because
 * a Kafka client would be a large thing to carry for "is it up?". Rejects when there is no answer in time.
 * Format: https://kafka.apache.org/protocol.html#The_Messages_Metadata
 */
export function askBroker(
  address: string,
  tls?: SecureContextOptions,
  withinMs = 1_000,
): Promise<ClusterView> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(`kafka://${address}`);
    const at = { host: hostname, port: Number(port || 9092) };
    const ask = () => void socket.write(metadataRequest());
    const socket = tls ? connectTls({ ...tls, ...at }, ask) : connect(at, ask);
    let received = Buffer.alloc(0);
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`${address} gave no answer.`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`${address} closed the connection.`)));
    socket.on('data', (chunk) => {
      received = Buffer.concat([received, chunk]);
      if (received.length < 4 || received.length < 4 + received.readInt32BE(0)) return;
      socket.destroy();
      resolve(readAnswer(received));
    });
  });
}

function metadataRequest(): Buffer {
  const clientId = Buffer.from('maru.stack');
  const body = Buffer.alloc(8 + 2 + clientId.length + 4);
  body.writeInt16BE(3, 0); // api key: Metadata
  body.writeInt16BE(2, 2); // version
  body.writeInt32BE(1, 4); // correlation id
  body.writeInt16BE(clientId.length, 8);
  clientId.copy(body, 10);
  body.writeInt32BE(0, 10 + clientId.length); // topics: none
  const size = Buffer.alloc(4);
  size.writeInt32BE(body.length);
  return Buffer.concat([size, body]);
}

function readAnswer(answer: Buffer): ClusterView {
  let at = 8; // size and correlation id
  const int32 = () => answer.readInt32BE((at += 4) - 4);
  const text = () => {
    const length = answer.readInt16BE((at += 2) - 2);
    return length < 0 ? '' : answer.toString('utf8', at, (at += length));
  };
  const brokerIds: number[] = [];
  for (let left = int32(); left > 0; left--) {
    brokerIds.push(int32());
    text(); // host
    int32(); // port
    text(); // rack
  }
  return { brokerIds, clusterId: text() };
}
