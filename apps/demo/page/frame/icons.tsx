// The few drawn signs of the page. They are decoration: the words beside them or the label of the button say what is meant.
import type { VNode } from 'preact';

const lines = {
  find: 'M11 4a7 7 0 1 0 0 14 7 7 0 0 0 0-14zm5 12 5 5',
  saved: 'M6 3h12v18l-6-5-6 5z',
  work: 'M4 6h2m3 0h11M4 12h2m3 0h11M4 18h2m3 0h11',
  import: 'M12 3v12m-5-5 5 5 5-5M4 20h16',
  health: 'M3 12h4l3-8 4 16 3-8h4',
  heart: 'M12 20C5 15 3 12 3 8.500A4.500 4.500 0 0 1 12 7a4.500 4.500 0 0 1 9 1.500C21 12 19 15 12 20z',
  printed: 'M7 9V3h10v6M6 18H3V9h18v9h-3M7 14h10v7H7z',
  grid: 'M4 4h7v7H4zm9 0h7v7h-7zM4 13h7v7H4zm9 0h7v7h-7z',
  list: 'M4 6h16M4 12h16M4 18h16',
  filter: 'M3 5h18l-7 8v6l-4 2v-8z',
  theme: 'M12 3a9 9 0 1 0 0 18zm0 0a9 9 0 0 1 0 18',
  keys: 'M3 6h18v12H3zm4 4h.01M11 10h.01M15 10h.01M7 14h10',
} as const;

/** The name of a sign. */
export type IconName = keyof typeof lines;

/** A sign in the colour of the text around it. */
export function Icon({ name }: { readonly name: IconName }): VNode {
  return (
    <svg
      viewBox="0 0 24 24"
      width="20"
      height="20"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      aria-hidden="true"
    >
      <path d={lines[name]} stroke-linecap="round" stroke-linejoin="round" />
    </svg>
  );
}
