/** A span as a collector gets it. */
export interface SeenSpan {
  service: string;
  /** Of the process that it comes from. */
  instance: string;
  traceId: string;
  id: string;
  parentId: string;
  name: string;
  attributes: Record<string, string | number | boolean>;
  failed: boolean;
}

type Field = [number: number, value: Buffer | bigint];
const messageIn = (value: Field[1]): Buffer => (typeof value === 'bigint' ? Buffer.alloc(0) : value);

/** The fields of a protobuf message, in their order. */
function* fieldsOf(message: Buffer): Iterable<Field> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message[at++] ?? 0;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const bytes = (length: number): Buffer => message.subarray(at, (at += length));
  while (at < message.length) {
    const tag = Number(varint());
    const kind = tag & 7;
    if (kind === 0) yield [tag >> 3, varint()];
    else if (kind === 1) yield [tag >> 3, bytes(8)];
    else if (kind === 5) yield [tag >> 3, bytes(4)];
    else yield [tag >> 3, bytes(Number(varint()))];
  }
}

/** The fields of one number, each a message. */
const all = (message: Buffer, number: number): Buffer[] =>
  [...fieldsOf(message)].flatMap(([of, value]) => (of === number ? [messageIn(value)] : []));
const one = (message: Buffer, number: number): Buffer => all(message, number)[0] ?? Buffer.alloc(0);

/** `repeated KeyValue`; lists and maps are left out. */
function attributesIn(message: Buffer, number: number): SeenSpan['attributes'] {
  const attributes: SeenSpan['attributes'] = {};
  for (const pair of all(message, number)) {
    for (const [kind, value] of fieldsOf(one(pair, 2))) {
      const name = one(pair, 1).toString();
      if (kind === 1) attributes[name] = messageIn(value).toString();
      if (kind === 2) attributes[name] = value === 1n;
      if (kind === 3) attributes[name] = Number(value);
      if (kind === 4) attributes[name] = messageIn(value).readDoubleLE();
    }
  }
  return attributes;
}

const failed = (status: Buffer): boolean =>
  [...fieldsOf(status)].some(([of, value]) => of === 3 && value === 2n);

/** The spans of an `ExportTraceServiceRequest` (opentelemetry-proto 1), protobuf as it was sent. */
export function spansIn(request: Buffer): SeenSpan[] {
  return all(request, 1).flatMap((ofResource) => {
    const resource = attributesIn(one(ofResource, 1), 1);
    const [service, instance] = [String(resource['service.name']), String(resource['service.instance.id'])];
    const spans = all(ofResource, 2).flatMap((ofScope) => all(ofScope, 2));
    return spans.map((span) => ({
      service,
      instance,
      traceId: one(span, 1).toString('hex'),
      id: one(span, 2).toString('hex'),
      parentId: one(span, 4).toString('hex'),
      name: one(span, 5).toString(),
      attributes: attributesIn(span, 9),
      failed: failed(one(span, 15)),
    }));
  });
}
