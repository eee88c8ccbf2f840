/** The parts of kafkajs that it does not export and that this lib mends or needs. */
declare module 'kafkajs/src/consumer/consumerGroup' {
  import type { Batch } from 'kafkajs';
  export default class ConsumerGroup {
    fetch(nodeId: string): Promise<(Batch & { rawMessages: unknown[] })[]>;
  }
}

declare module 'kafkajs/src/consumer/runner' {
  export default class Runner {
    constructor(options: object);
    running: boolean;
    fetchManager: { start(): Promise<void> };
    fetch(nodeId: string): Promise<unknown[]>;
  }
}

declare module 'kafkajs/src/network/connection' {
  export default class Connection {
    authenticatedAt: [number, number] | null;
    disconnect(): Promise<boolean>;
  }
}

declare module 'kafkajs/src/network/requestQueue' {
  export default class RequestQueue {
    throttleCheckTimeoutId: NodeJS.Timeout | null;
    throttledUntil: number;
    pending: unknown[];
    checkPendingRequests(): void;
    scheduleCheckPendingRequests(): void;
  }
}

declare module 'kafkajs/src/protocol/decoder' {
  export default class Decoder {
    constructor(buffer: Buffer);
    buffer: Buffer;
    offset: number;
    readVarInt(): number;
    readVarIntArray(reader: unknown): { reduce(): Record<string, string> };
  }
}

declare module 'kafkajs/src/protocol/encoder' {
  export default class Encoder {
    static nextPowerOfTwo(value: number): number;
    buf: Buffer;
    offset: number;
    ensureAvailable(length: number): void;
  }
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0/decoder' {
  import type Decoder from 'kafkajs/src/protocol/decoder';
  export default function decode(
    decoder: Decoder,
    batch: { firstOffset: string; firstTimestamp: string },
  ): { headers: Record<string, string>; key: Buffer | null; value: Buffer | null; offset: string };
}

declare module 'kafkajs/src/protocol/recordBatch/record/v0' {
  import type { Message } from 'kafkajs';
  export default function encode(record: Message & { offsetDelta: number; timestampDelta: number }): {
    buffer: Buffer;
  };
}

declare module 'kafkajs/src/utils/lock' {
  export default class Lock {
    constructor(options: { timeout: number });
    acquire(): Promise<void>;
  }
}
