// What an import with `?raw` is: the text of the file, at build time (tsup.config.ts) and under vitest.
declare module '*?raw' {
  const text: string;
  export default text;
}
