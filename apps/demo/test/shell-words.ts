// Takes a command line apart as a shell does, as far as examples need it: spaces and both kinds of quotation marks.

/** The words of a command line. */
export function shellWords(line: string): readonly string[] {
  return [...line.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"]+)+/g)].map(([word]) =>
    word.replaceAll(
      /'([^']*)'|"([^"]*)"/g,
      (_all, single: string | undefined, double: string | undefined) => single ?? double ?? '',
    ),
  );
}
