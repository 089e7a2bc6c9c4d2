// Light and dark: as the system says, or as the person has chosen, which this browser keeps.
import { effect, signal } from '@preact/signals';

/** `system` follows the system's setting. */
export type Theme = 'system' | 'light' | 'dark';

const key = 'candy.theme';
const themes: readonly Theme[] = ['system', 'light', 'dark'];

/** What the person has chosen. */
export const theme = signal<Theme>(themes.find((each) => each === read()) ?? 'system');

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');
const isSystemDark = signal(systemIsDark.matches);

/** Keeps the document in the chosen theme. */
export function applyTheme(): void {
  systemIsDark.addEventListener('change', ({ matches }) => {
    isSystemDark.value = matches;
  });
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    keep(theme.value);
  });
}

/** Whether the page is dark now. */
export function isDark(): boolean {
  return theme.value === 'system' ? isSystemDark.value : theme.value === 'dark';
}

/** The next choice: system, light, dark, and again. */
export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'system';
}

function read(): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    // A browser may forbid storage: the system's setting counts then.
    return null;
  }
}

function keep(value: Theme): void {
  try {
    if (value === 'system') localStorage.removeItem(key);
    else localStorage.setItem(key, value);
  } catch {
    // The choice holds until the page is closed.
  }
}
