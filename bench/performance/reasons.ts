// Why a bar is missed: a person's words beside each, by suite and row. The page names every missed bar, and a test asks
// for a reason for each.

/** The reasons, by `suite row`; a row may stand for several by its beginning. */
const reasons: readonly (readonly [start: string, reason: string])[] = [];

/** Returns why the bars of a row are missed; undefined when nobody has written it. */
export function reasonFor(suite: string, row: string): string | undefined {
  return reasons.find(([start]) => `${suite} ${row}`.startsWith(start))?.[1];
}
