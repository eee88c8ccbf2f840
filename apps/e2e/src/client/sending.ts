import { MemoryStore } from '@maru/client';
import { until } from '../support/until';
import { type ClientStage, shown } from './client-stage';

/** Promises about what is sent: it is there at once, and once. */
export function sending(stage: () => ClientStage): void {
  const rest = () => stage().maru.rest();

  it('shows a message at once and settles it, and the other sees it', async () => {
    const roomId = await stage().room(stage().bob);
    const [one, other] = [await stage().online(stage().ann), await stage().online(stage().bob)];
    await Promise.all([one.room(roomId).open(), other.room(roomId).open()]);
    const { id, sent } = one.room(roomId).send('hello');
    expect(one.room(roomId).messages).toMatchObject([
      { id, text: 'hello', senderId: stage().ann.id, state: 'sending' },
    ]);
    const { seq } = await sent;
    await until('the other has it', () => other.room(roomId).messages.length === 1);
    await until('its event has come', () => one.room(roomId).messages[0]?.messageNo === 1);
    for (const each of [one, other]) {
      expect(each.room(roomId).messages).toMatchObject([
        { id, seq, text: 'hello', senderId: stage().ann.id, state: 'sent' },
      ]);
    }
  });

  it('queues while there is no connection, over a reload, and then sends in order, each once', async () => {
    const roomId = await stage().room(stage().bob);
    const { line, at } = await stage().line();
    const store = new MemoryStore();
    const before = await stage().online(stage().ann, { url: at, store });
    await before.room(roomId).open();
    line.cut('broken');
    await until('it is offline', () => before.state === 'offline');
    for (const text of ['one', 'two']) before.room(roomId).send(text);
    expect(shown(before, roomId)).toEqual(['one sending', 'two sending']);
    before.close();

    const after = stage().client(stage().ann, { url: at, store, userId: stage().ann.id });
    after.room(roomId).send('three');
    await until('what was left is shown', () => shown(after, roomId).length === 3);
    expect(shown(after, roomId)).toEqual(['one sending', 'two sending', 'three sending']);
    line.mend();
    await after.online();
    await after.room(roomId).open();
    await until(
      () => `all are sent: ${shown(after, roomId).join()}`,
      () => shown(after, roomId).every((text) => text.endsWith('sent')),
    );
    const { items } = await rest().messages(stage().bob.token, roomId);
    expect(items.map(({ text }) => text)).toEqual(['one', 'two', 'three']);
    expect(store.keys('outbox/')).toEqual([]);
  });

  it('lets nobody send what another has written', async () => {
    const roomId = await stage().room(stage().bob);
    const store = new MemoryStore();
    const { line, at } = await stage().line();
    const one = await stage().online(stage().ann, { url: at, store });
    line.cut('broken');
    await until('it is offline', () => one.state === 'offline');
    one.room(roomId).send('mine alone');
    one.close();
    line.mend();
    const other = await stage().online(stage().bob, { store });
    await other.room(roomId).open();
    await other.room(roomId).send('from Bob').sent;
    expect(shown(other, roomId).filter((text) => text.startsWith('mine'))).toEqual([]);
    const back = await stage().online(stage().ann, { store });
    await back.room(roomId).open();
    await until('Ann sends it herself', () => shown(back, roomId).includes('mine alone sent'));
  });

  it('says why a message was refused, and sends it again when the cause is gone', async () => {
    const roomId = await stage().room();
    const one = await stage().online(stage().bob);
    const { id, sent } = one.room(roomId).send('let me in');
    await expect(sent).rejects.toMatchObject({ name: 'MaruError', retryable: false });
    const [failed] = one.room(roomId).messages;
    expect(failed).toMatchObject({ id, state: 'failed' });
    expect(['not_a_member', 'room_not_found']).toContain(failed?.error?.code);
    await rest().add(stage().ann.token, roomId, stage().bob.id);
    const { seq } = await one.room(roomId).retry(id);
    expect(await rest().messages(stage().ann.token, roomId)).toMatchObject({
      items: [{ id, seq, text: 'let me in' }],
    });
  });

  it('refuses what is too large before it is sent, and goes on', async () => {
    const roomId = await stage().room();
    const one = await stage().online(stage().ann);
    await expect(one.room(roomId).send('x'.repeat(70_000)).sent).rejects.toMatchObject({
      code: 'payload_too_large',
    });
    await one.room(roomId).send('shorter').sent;
    expect(one.state).toBe('online');
  });
}
