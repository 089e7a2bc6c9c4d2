// Which trace a duration was measured in: one example for each bucket of a histogram, the last one.

/** A span of a trace, as W3C Trace Context writes its ids: 32 and 16 hexadecimal digits. */
export interface TraceReference {
  readonly traceId: string;
  readonly spanId: string;
}

/** One duration that was measured in a trace. */
export interface Exemplar extends TraceReference {
  /** In seconds. */
  readonly value: number;
  readonly at: Date;
}

/** A span and the time that it was asked for. */
export type TracedAt = Omit<Exemplar, 'value'>;

/** Asks `ask` for the span that is active now. What it throws, and what is no span, is no exemplar. */
export function activeTrace(
  ask: (() => TraceReference | undefined) | undefined,
  now: () => number,
): TracedAt | undefined {
  if (ask === undefined) return undefined;
  try {
    const { traceId, spanId } = ask() ?? {};
    return isId(traceId, 32) && isId(spanId, 16) ? { traceId, spanId, at: new Date(now()) } : undefined;
  } catch {
    // A broken tracer must not break what is counted.
    return undefined;
  }
}

/** Of zeros alone is no id. https://www.w3.org/TR/trace-context/ */
function isId(id: unknown, digits: number): id is string {
  return typeof id === 'string' && id.length === digits && /^[0-9a-f]+$/.test(id) && !/^0+$/.test(id);
}
