import type { ChatMessage } from '@maru/client';
import { Avatar } from '../people/avatar';
import { useName } from '../people/use-name';
import { useHere } from '../session/here';
import { momentOf, timeOf } from '../words';
import { MessageActions } from './message-actions';
import { MessageState } from './message-state';
import { MessageText } from './message-text';
import { Quote } from './quote';
import { Reactions } from './reactions';
import { useRoomView } from './room-view';

interface Props {
  message: ChatMessage;
  first: boolean;
  /** The one message that Tab leads to. */
  reachable: boolean;
}

export function MessageView({ message, first, reachable }: Props) {
  const { me } = useHere();
  const { open, flashed } = useRoomView();
  const name = useName(message.senderId);
  const { senderId, createdAt, deleted, text, mentions, replyTo, editedAt } = message;
  const classes = [
    'message',
    first && 'first',
    mentions?.includes(me.id) && 'to-me',
    message.state,
    message.seq !== undefined && flashed === message.seq && 'flashed',
  ];
  return (
    <article class={classes.filter(Boolean).join(' ')} tabIndex={reachable ? 0 : -1} data-seq={message.seq}>
      <div class="message-side">
        {first ? <Avatar id={senderId} name={name} /> : <Moment instant={createdAt} />}
      </div>
      <div class="message-body">
        <header class={first ? 'message-head' : 'hidden-text'}>
          <strong>{name}</strong> {first && <Moment instant={createdAt} />}
        </header>
        {replyTo !== undefined && <Quote seq={replyTo} onOpen={open} />}
        {deleted === true ? (
          <p class="message-text quiet">This message was deleted.</p>
        ) : (
          <MessageText text={text} mentions={mentions} />
        )}
        {editedAt !== undefined && (
          <span class="edited" title={momentOf(editedAt)}>
            edited
          </span>
        )}
        <Reactions message={message} />
        {senderId === me.id && <MessageState message={message} />}
      </div>
      {message.state === 'sent' && deleted !== true && <MessageActions message={message} />}
    </article>
  );
}

const Moment = ({ instant }: { instant: string }) => (
  <time class="moment" dateTime={instant} title={momentOf(instant)}>
    {timeOf(instant)}
  </time>
);
