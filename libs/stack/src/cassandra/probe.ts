import { connect } from 'node:net';

/** OPTIONS of CQL's protocol, version 4, without flags, of stream 0 and with no body; answered by SUPPORTED (6). */
const options = Buffer.from([4, 0, 0, 0, 5, 0, 0, 0, 0]);
const supported = 6;

/** Whether what listens there speaks CQL. Rejects when there is no answer in time. */
export function askCassandra(port: number, withinMs = 1_000): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port }, () => void socket.write(options));
    socket.setTimeout(withinMs, () => socket.destroy(new Error(`Port ${port} gave no answer.`)));
    socket.once('error', reject);
    socket.once('close', () => reject(new Error(`Port ${port} closed the connection.`)));
    socket.once('data', (answer) => {
      resolve(answer[4] === supported);
      socket.destroy();
    });
  });
}
