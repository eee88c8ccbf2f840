import type { Payload } from '../websocket/text-frames';

export type Headers = Readonly<Record<string, string | number | undefined>>;

const escapes: Record<string, string> = { '\\': '\\\\', '\r': '\\r', '\n': '\\n', ':': '\\c' };
const escaped = (text: string): string => text.replace(/[\\\r\n:]/g, (letter) => escapes[letter] ?? letter);

/** A STOMP 1.2 frame around a body that stands as it is; headers that are undefined are left out. */
export function stompFrame(command: string, headers: Headers, body = ''): Payload {
  // CONNECTED alone is not escaped, for the sake of clients of 1.0.
  const word = command === 'CONNECTED' ? String : escaped;
  let head = `${command}\n`;
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) head += `${word(name)}:${word(String(value))}\n`;
  }
  if (body !== '') head += `content-type:application/json\ncontent-length:${Buffer.byteLength(body)}\n`;
  return [`${head}\n`, body, '\0'];
}
