import type { ChatMessage, Member, Room } from '@maru/client';
import { useState } from 'preact/hooks';
import { attempt } from '../notices/toasts';
import { useName, useNames } from '../people/use-name';
import { useHere } from '../session/here';
import { Composer, type Said } from './composer';

export type Writing =
  { is: 'new' } | { is: 'answer'; to: ChatMessage } | { is: 'edit'; message: ChatMessage };

interface Props {
  room: Room;
  name: string;
  members: readonly Member[];
  writing: Writing;
  onWriting: (writing: Writing) => void;
  onSent: () => void;
}

/** Writes a new message, an answer, or another text for an old one. */
export function RoomComposer({ room, name, members, writing, onWriting, onSent }: Props) {
  const { me } = useHere();
  const [naming, setNaming] = useState(false);
  const ids = naming ? members.map(({ userId }) => userId).filter((id) => id !== me.id) : [];
  const names = useNames(ids);
  const people = ids.map((id, index) => ({ id, name: names[index] ?? '' }));
  const { mentions: meantIds = [] } = writing.is === 'edit' ? writing.message : {};
  const meantNames = useNames(meantIds);
  const meant = meantIds.map((id, index) => ({ id, name: meantNames[index] ?? '' }));
  const answered = useName(writing.is === 'answer' ? writing.to.senderId : undefined);
  const done = (): void => onWriting({ is: 'new' });

  const send = ({ text, mentions }: Said): void => {
    if (writing.is === 'edit') {
      const { seq } = writing.message;
      if (seq !== undefined && text !== writing.message.text) attempt(room.edit(seq, text, mentions));
      return done();
    }
    const replyTo = writing.is === 'answer' ? writing.to.seq : undefined;
    room.send({
      text,
      ...(mentions.length > 0 && { mentions }),
      ...(replyTo !== undefined && { replyTo }),
    });
    done();
    onSent();
  };
  const editLast = (): void => {
    const message = room.messages.findLast(
      ({ senderId, state, deleted }) => senderId === me.id && state === 'sent' && deleted !== true,
    );
    if (message !== undefined) onWriting({ is: 'edit', message });
  };
  const shared = {
    people,
    onMention: () => setNaming(true),
    onSend: send,
    onCancel: done,
    onType: () => room.type(),
  };
  if (writing.is === 'edit') {
    const { seq, text } = writing.message;
    return (
      <Composer
        key={`edit/${seq}`}
        {...shared}
        meant={meant}
        label="Edit message"
        start={text}
        bar="Editing"
      />
    );
  }
  const bar = writing.is === 'answer' ? { bar: <AnswerBar name={answered} text={writing.to.text} /> } : {};
  return (
    <Composer key="new" {...shared} {...bar} place={room.id} label={`Message ${name}`} onUp={editLast} />
  );
}

const AnswerBar = ({ name, text }: { name: string; text: string }) => (
  <>
    Reply to <strong>{name}</strong> {text}
  </>
);
