// Days as somebody at this page means them: from midnight to midnight where the browser is, as `candy list` takes them too.

/** The day of a moment, as a field of type `date` has it. Midnight in UTC is a day that was given without a time: that day. */
export function dayOf(time: string): string {
  if (/^\d{4}-\d\d-\d\d(?:T00:00(?::00(?:\.0+)?)?Z)?$/.test(time)) return time.slice(0, 10);
  const at = new Date(time);
  // An address may hold anything.
  if (Number.isNaN(at.getTime())) return time;
  const two = (part: number): string => String(part).padStart(2, '0');
  return `${String(at.getFullYear()).padStart(4, '0')}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
}

/** The moment of a day at which clocks here show `time`, such as `12:00`, as the server takes it. */
export function momentOf(day: string, time: string): string {
  return new Date(`${day}T${time}`).toISOString();
}
