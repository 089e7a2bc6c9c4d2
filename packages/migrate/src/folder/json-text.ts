// JSON as people and version control read it. Files of the folder and answers of the commands are written so.

/** The text of `value`, indented, without a newline at its end. */
export function toJson(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
