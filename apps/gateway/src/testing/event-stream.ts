interface StreamEvent {
  event: string;
  data: Record<string, unknown>;
}

/** A client of a stream of server-sent events over `fetch`, which reads it as the standard says. */
export class EventStream {
  readonly got: StreamEvent[] = [];
  lastId = '';
  /** Resolves when the server has ended it. */
  readonly ended: Promise<void>;
  private text = '';
  private rest = '';
  private readonly changed = new Set<() => void>();

  private constructor(
    response: Response,
    private readonly abort: AbortController,
  ) {
    this.type = response.headers.get('content-type');
    this.ended = this.read(response);
  }

  readonly type: string | null;

  static async open(url: string, headers: Record<string, string>): Promise<EventStream> {
    const abort = new AbortController();
    const response = await fetch(url, { headers, signal: abort.signal });
    if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
    return new EventStream(response, abort);
  }

  until(wanted: (event: StreamEvent) => boolean): Promise<StreamEvent> {
    return this.find(() => this.got.find(wanted));
  }

  /** Resolves when this has come, as it stands on the wire. */
  async untilText(text: string): Promise<void> {
    await this.find(() => (this.text.includes(text) ? true : undefined));
  }

  /** Resolves when an id follows all that has come so far. */
  async untilId(): Promise<void> {
    await this.find(() => (/id: \S*\n\n(:\n\n)*$/.test(this.text) ? true : undefined));
  }

  seqs(roomId: string): number[] {
    return this.got.flatMap(({ event, data }) =>
      event !== 'read' && data['roomId'] === roomId ? [Number(data['seq'])] : [],
    );
  }

  close(): void {
    this.abort.abort();
  }

  private async find<T>(look: () => T | undefined, withinMs = 10_000): Promise<T> {
    const deadline = Date.now() + withinMs;
    for (;;) {
      const found = look();
      if (found !== undefined) return found;
      const left = deadline - Date.now();
      if (left <= 0) throw new Error(`not seen; the stream ended with ${this.text.slice(-1000)}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.min(left, 200));
        this.changed.add(() => {
          clearTimeout(timer);
          resolve();
        });
      });
    }
  }

  private async read(response: Response): Promise<void> {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        const text = decoder.decode(chunk, { stream: true });
        this.text += text;
        this.rest += text;
        const blocks = this.rest.split(/\r\n\r\n|\n\n|\r\r/);
        this.rest = blocks.pop() ?? '';
        for (const block of blocks) this.take(block);
        for (const wake of this.changed) wake();
        this.changed.clear();
      }
    } catch {
      // Closed here.
    }
  }

  private take(block: string): void {
    const fields = new Map<string, string>();
    for (const line of block.split(/\r\n|\n|\r/)) {
      const colon = line.indexOf(':');
      if (colon > 0) fields.set(line.slice(0, colon), line.slice(colon + 1).replace(/^ /, ''));
    }
    this.lastId = fields.get('id') ?? this.lastId;
    const data = fields.get('data');
    if (data === undefined) return;
    this.got.push({
      event: fields.get('event') ?? 'message',
      data: JSON.parse(data) as Record<string, unknown>,
    });
  }
}
