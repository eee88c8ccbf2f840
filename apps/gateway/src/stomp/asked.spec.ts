import { randomUUID } from 'node:crypto';
import { askedBy } from './asked';

const roomId = randomUUID();
const asked = (path: string, body: object) =>
  askedBy({ destination: `/app/room/${roomId}${path}` }, JSON.stringify(body));

describe('a SEND', () => {
  it.each([
    ['/edit', 'editMessage', { seq: 4, text: 'now' }],
    ['/delete', 'deleteMessage', { seq: 4 }],
    ['/react', 'addReaction', { seq: 4, reaction: '👍' }],
    ['/unreact', 'removeReaction', { seq: 4, reaction: '👍' }],
    ['/read', 'read', { seq: 4 }],
    ['/typing', 'typing', {}],
  ])('to %s is %s', (path, event, body) =>
    expect(asked(path, body)).toEqual({ event, payload: { ...body, roomId } }),
  );

  it('of a message may answer another and mention users', () => {
    const more = { text: 'yes', replyTo: 4, mentions: [randomUUID()] };
    expect(asked('', { ...more, sender: 'somebody' })).toEqual({
      event: 'sendMessage',
      payload: { ...more, roomId },
    });
  });

  it.each(['/fly', '/toString', '/edit/4'])('to %s is refused', (path) =>
    expect(() => asked(path, {})).toThrow('One may send to'),
  );
});
