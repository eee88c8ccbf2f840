import { Injectable } from '@nestjs/common';
import { CodedError, type ReadMark, type ReadReply, topics } from '@maru/contracts';
import { RequestClient } from '@maru/kafka-client';

interface Mark {
  /** What was asked for while a request is under way; goes out as one when that has been answered. */
  next: { seq: number; answer: Promise<number> } | undefined;
  running: Promise<unknown>;
}

/** Moves read markers: of one user in one room only one request is under way, what comes meanwhile becomes the next. */
@Injectable()
export class ReadMarks {
  private readonly marks = new Map<string, Mark>();

  constructor(private readonly requests: RequestClient) {}

  /** @returns where the marker stands then. @throws CodedError as api-chat refused it. */
  move(roomId: string, userId: string, seq: number): Promise<number> {
    const key = `${roomId}/${userId}`;
    const mark = this.marks.get(key);
    if (mark === undefined) return this.start(key, { roomId, userId, seq });
    if (mark.next !== undefined) {
      mark.next.seq = Math.max(mark.next.seq, seq);
      return mark.next.answer;
    }
    const go = (): Promise<number> => {
      const asked = mark.next?.seq ?? seq;
      return this.start(key, { roomId, userId, seq: asked });
    };
    mark.next = { seq, answer: mark.running.then(go, go) };
    return mark.next.answer;
  }

  private start(key: string, body: ReadMark): Promise<number> {
    const answer = this.ask(body);
    const mark: Mark = { next: undefined, running: answer };
    this.marks.set(key, mark);
    const forget = (): void => {
      if (mark.next === undefined) this.marks.delete(key);
    };
    answer.then(forget, forget);
    return answer;
  }

  private async ask(body: ReadMark): Promise<number> {
    const reply = await this.requests.request<ReadReply>({
      topic: topics.chatReads,
      key: body.roomId,
      type: 'read',
      value: JSON.stringify(body),
    });
    if (!reply.ok) throw CodedError.fromBody(reply.error);
    return reply.readSeq;
  }
}
