// Where the terms of a search stand in the texts of a hit: parts of each text, so that whoever shows them needs no markup.
import type { Model } from '@cc/schema';
import type { Highlight, HighlightPart } from '../contract/search.js';
import { matchText } from '../text/match-text.js';
import type { ParsedQuery } from '../text/parse-query.js';
import { type Occurrence, type TermMatcher, termMatcher } from '../text/text-match.js';
import { characterStart } from '../text/whole-characters.js';

/** How much of a long description is shown, in characters. */
const passageLength = 240;
const passageLead = 60;

/** Returns what highlights the texts of models; `tagsText` has the names of the tags, a line each. */
export function highlighter({
  wanted,
}: Pick<ParsedQuery, 'wanted'>): (
  model: Pick<Model, 'name' | 'fileName' | 'description'>,
  tagsText: string,
) => Highlight {
  const matchers = wanted.filter(({ column }) => column === null).map((term) => termMatcher(term));
  const parts = (text: string): readonly HighlightPart[] => partsOf(text, spansIn(text, matchers), 0, text.length);
  return (model, tagsText) => ({
    name: parts(model.name),
    fileName: parts(model.fileName),
    description: passageOf(model.description ?? '', matchers),
    tags: parts(tagsText),
  });
}

type Span = Pick<Occurrence, 'start' | 'end'>;

/** Places of all terms in order, those that touch as one. */
function spansIn(text: string, matchers: readonly TermMatcher[]): readonly Span[] {
  if (text === '') return [];
  const ready = matchText(text);
  const found = matchers.flatMap((matcher) => matcher.all(ready)).sort((a, b) => a.start - b.start || a.end - b.end);
  const spans: Span[] = [];
  for (const { start, end } of found) {
    const last = spans.at(-1);
    if (last !== undefined && start <= last.end)
      spans[spans.length - 1] = { start: last.start, end: Math.max(last.end, end) };
    else spans.push({ start, end });
  }
  return spans;
}

function partsOf(text: string, spans: readonly Span[], from: number, to: number): readonly HighlightPart[] {
  const parts: HighlightPart[] = [];
  let place = from;
  const add = (end: number, match: boolean): void => {
    if (end > place) parts.push({ text: text.slice(place, end), match });
    place = Math.max(place, end);
  };
  for (const { start, end } of spans) {
    if (start < from || end > to) continue;
    add(start, false);
    add(end, true);
  }
  add(to, false);
  return parts;
}

/** The passage with the most places, or the beginning. */
function passageOf(text: string, matchers: readonly TermMatcher[]): readonly HighlightPart[] {
  const spans = spansIn(text, matchers);
  if (text.length <= passageLength) return partsOf(text, spans, 0, text.length);
  const best = bestSpan(spans);
  const wanted = Math.max(0, (best?.start ?? 0) - passageLead);
  const from = wanted === 0 ? 0 : characterStart(text, wordStart(text, wanted));
  const end = Math.min(text.length, from + passageLength);
  const to = characterStart(
    text,
    end === text.length ? end : Math.max(best?.end ?? 0, text.lastIndexOf(' ', end), from + passageLength / 2),
  );
  return [
    ...(from > 0 ? [ellipsis] : []),
    ...partsOf(text, spans, from, Math.min(to, text.length)),
    ...(to < text.length ? [ellipsis] : []),
  ];
}

/** The first of those with most spans in reach behind them. Both ends of the reach only ever go on, as spans lie in order. */
function bestSpan(spans: readonly Span[]): Span | undefined {
  let best: Span | undefined;
  let most = 0;
  let next = 0;
  for (const [i, span] of spans.entries()) {
    const reach = span.start + passageLength - passageLead;
    while (next < spans.length && (spans[next]?.end ?? 0) <= reach) next += 1;
    if (best === undefined || next - i > most) {
      best = span;
      most = next - i;
    }
  }
  return best;
}

const ellipsis: HighlightPart = Object.freeze({ text: '…', match: false });

/** The place after the next space, when there is one nearby. */
function wordStart(text: string, at: number): number {
  const space = text.indexOf(' ', at);
  return space < 0 || space > at + passageLead / 2 ? at : space + 1;
}
