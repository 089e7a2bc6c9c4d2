// A text with the found words marked.
import type { VNode } from 'preact';

/** The parts, or the plain text where nothing was looked for. */
export function Marked(props: {
  readonly parts: readonly { readonly text: string; readonly match: boolean }[] | undefined;
  readonly text: string;
}): VNode {
  if (props.parts === undefined || props.parts.length === 0) return <>{props.text}</>;
  return <>{props.parts.map(({ text, match }, index) => (match ? <mark key={index}>{text}</mark> : text))}</>;
}
