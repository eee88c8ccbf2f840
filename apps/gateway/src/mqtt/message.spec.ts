import { clientEvents } from '@maru/contracts';
import { readMessage } from './message';

describe('what a PUBLISH says', () => {
  const roomId = '0d6f1f5e-5b0c-5f7d-8a39-2f8f4a8f2b02';

  it('takes id and trace of the properties of these names', () => {
    const properties = { id: 'm1', traceparent: '00-a-b-01', tracestate: 'x=y', other: 'z' };
    const message = readMessage(roomId, 'hello', properties);
    expect(message).toEqual({
      text: 'hello',
      roomId,
      id: 'm1',
      traceparent: '00-a-b-01',
      tracestate: 'x=y',
    });
    // The trace is the door's alone: a command does not have it.
    expect(clientEvents.sendMessage.parse(message)).not.toHaveProperty('traceparent');
  });
});
