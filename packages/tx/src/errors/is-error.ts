// Errors of other realms. Test runners give each test file globals of its own (jest; vitest's vmForks), and what Node and the
// native driver throw is an instance of others. Nothing is imported: clients without Node load the errors too.

/** Whether `value` is an error, of whichever realm: `instanceof Error` is false for what the `fs` of a jest test throws. */
export function isError(value: unknown): value is Error {
  return value instanceof Error || Object.prototype.toString.call(value) === '[object Error]';
}
