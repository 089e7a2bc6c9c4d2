// Judges a history by what Elle has found to be enough (Kingsbury and Alvaro, 2020): a value is appended once, so a list that was
// read tells who wrote before whom. Calls that must have come in a circle cannot have run one after another in any order.
import type { Call, History } from './history.js';

/** The line in time that a call stands on, if any: of two on one line, who has ended comes before who begins later. */
export type TimeLine = (call: Call) => string | undefined;

/**
 * Returns what is wrong with a history; nothing when its calls did what they say, one after another, in an order that keeps to
 * the time of each line.
 */
export function faultsOf(history: History, lines: readonly TimeLine[]): readonly string[] {
  const faults = [...history.complaints, ...faultsOfLists(history), ...faultsOfSteps(history)];
  return faults.length > 0 ? faults : circlesOf(history, lines);
}

/** The lists at the end: nothing twice, nothing that failed, nothing that nobody wrote. */
function faultsOfLists({ lists, writers, undone }: History): readonly string[] {
  const faults: string[] = [];
  for (const [key, list] of lists) {
    if (new Set(list).size < list.length) faults.push(`a value is twice in list ${key}: ${list.join()}`);
    for (const value of list) {
      const writer = writers.get(value);
      if (writer === undefined) faults.push(`nobody wrote ${value} of list ${key}`);
      else if (writer.state === 'failed') faults.push(`${shown(writer)} failed, and ${value} is in list ${key}`);
      else if (undone.has(value)) faults.push(`${value} was rolled back to a savepoint, and is in list ${key}`);
    }
  }
  return faults;
}

/** What was done is there, and what was read is a beginning of the list, followed by what the reader itself has appended. */
function faultsOfSteps({ calls, lists }: History): readonly string[] {
  const faults: string[] = [];
  for (const call of calls) {
    for (const [index, [what, key, seen]] of call.steps.entries()) {
      const list = lists.get(key) ?? [];
      if (what === 'append') {
        if (!list.includes(seen)) faults.push(`${shown(call)} was acknowledged, and ${seen} is not in list ${key}`);
        continue;
      }
      const own = appendedBefore(call, index, key);
      const before = seen.slice(0, seen.length - own.length);
      if (seen.slice(before.length).join() !== own.join())
        faults.push(`${shown(call)} had appended ${own.join()} to list ${key} and read ${seen.slice(-4).join()}`);
      const strange = before.findIndex((value, at) => list[at] !== value);
      if (strange >= 0)
        faults.push(`${shown(call)} read ${before[strange]} in list ${key}, where ${list[strange]} is at the end`);
    }
  }
  return faults;
}

function appendedBefore(call: Call, index: number, key: number): readonly string[] {
  return call.steps.slice(0, index).flatMap(([what, of, value]) => (what === 'append' && of === key ? [value] : []));
}

/** Calls and moments, with those that come after each. */
class Order {
  readonly #after: number[][] = [];

  add(): number {
    return this.#after.push([]) - 1;
  }

  put(first: number | undefined, then: number | undefined): void {
    if (first !== undefined && then !== undefined && first !== then) this.#after[first]?.push(then);
  }

  after(node: number): readonly number[] {
    return this.#after[node] ?? [];
  }

  /** What comes after itself: the parts from whose every member all others are reached (Tarjan, without recursion). */
  circles(): readonly (readonly number[])[] {
    const numbers = new Map<number, number>();
    const lowest = new Map<number, number>();
    const path: number[] = [];
    const open = new Set<number>();
    const circles: number[][] = [];
    const lower = (node: number, by: number): void => void lowest.set(node, Math.min(lowest.get(node) ?? by, by));
    const enter = (node: number): { node: number; next: number } => {
      numbers.set(node, numbers.size);
      lower(node, numbers.size - 1);
      open.add(node);
      path.push(node);
      return { node, next: 0 };
    };
    for (let root = 0; root < this.#after.length; root += 1) {
      if (numbers.has(root)) continue;
      const steps = [enter(root)];
      for (let top = steps.at(-1); top !== undefined; top = steps.at(-1)) {
        const next = this.after(top.node)[top.next];
        top.next += 1;
        if (next === undefined) {
          steps.pop();
          const low = lowest.get(top.node) ?? 0;
          const above = steps.at(-1);
          if (above) lower(above.node, low);
          if (low !== numbers.get(top.node)) continue;
          const members = path.splice(path.lastIndexOf(top.node));
          for (const member of members) open.delete(member);
          if (members.length > 1) circles.push(members);
        } else if (!numbers.has(next)) steps.push(enter(next));
        else if (open.has(next)) lower(top.node, numbers.get(next) ?? 0);
      }
    }
    return circles;
  }
}

function circlesOf({ calls, lists, writers }: History, lines: readonly TimeLine[]): readonly string[] {
  const order = new Order();
  const nodes = new Map(calls.flatMap((call) => (call.state === 'failed' ? [] : [[call, order.add()] as const])));
  const nodeOf = (call: Call | undefined): number | undefined => (call === undefined ? undefined : nodes.get(call));
  const writerOf = (value: string | undefined): number | undefined =>
    value === undefined ? undefined : nodeOf(writers.get(value));
  for (const list of lists.values()) list.forEach((value, at) => order.put(writerOf(list[at - 1]), writerOf(value)));
  for (const call of calls) {
    for (const [index, [what, key, seen]] of call.steps.entries()) {
      if (what === 'append') continue;
      const list = lists.get(key) ?? [];
      const ofOthers = seen.length - appendedBefore(call, index, key).length;
      order.put(writerOf(list[ofOthers - 1]), nodeOf(call));
      // Who read a list without the next value came before who appended it. That may be what the call itself does later.
      order.put(nodeOf(call), writerOf(list[ofOthers]));
    }
  }
  const done = calls.filter(({ state }) => state === 'done');
  for (const line of lines) {
    for (const [name, onLine] of groupBy(done, line)) if (name !== undefined) putInTime(order, onLine, nodeOf);
  }
  const callOf = new Map([...nodes].map(([call, node]) => [node, call]));
  return order.circles().map((members) => {
    const inCircle = members.flatMap((node) => callOf.get(node) ?? []);
    const told = shortest(order, members, callOf).map(shown).join(' → ');
    return `${inCircle.length} calls cannot have run one after another: ${told}`;
  });
}

function groupBy(calls: readonly Call[], nameOf: TimeLine): ReadonlyMap<string | undefined, readonly Call[]> {
  const groups = new Map<string | undefined, Call[]>();
  for (const call of calls) {
    const group = groups.get(nameOf(call));
    if (group) group.push(call);
    else groups.set(nameOf(call), [call]);
  }
  return groups;
}

/** Whoever has ended comes before whoever begins later: through the moments of the ends, of which each comes before the next. */
function putInTime(order: Order, calls: readonly Call[], nodeOf: (call: Call) => number | undefined): void {
  const begins = calls.map((call) => ({ at: call.begun, isEnd: false, node: nodeOf(call) }));
  const ends = calls.map((call) => ({ at: call.ended, isEnd: true, node: nodeOf(call) }));
  // Of one microsecond it is not known what came first.
  const events = [...begins, ...ends].sort(
    (one, other) => one.at - other.at || Number(one.isEnd) - Number(other.isEnd),
  );
  let last: number | undefined;
  for (const { isEnd, node } of events) {
    if (!isEnd) {
      order.put(last, node);
      continue;
    }
    const moment = order.add();
    order.put(last, moment);
    order.put(node, moment);
    last = moment;
  }
}

/** The calls of a short way round, for whoever has to understand it. */
function shortest(order: Order, members: readonly number[], callOf: ReadonlyMap<number, Call>): readonly Call[] {
  const inside = new Set(members);
  let best: readonly number[] = members;
  for (const start of members.slice(0, 100)) {
    const from = new Map<number, number>();
    const ways = [start];
    for (const node of ways) {
      for (const next of order.after(node)) {
        if (!inside.has(next) || from.has(next)) continue;
        from.set(next, node);
        ways.push(next);
      }
      if (from.has(start)) break;
    }
    const way: number[] = [];
    for (let node = from.get(start); node !== undefined && node !== start; node = from.get(node)) way.unshift(node);
    if (way.length + 1 < best.length) best = [start, ...way];
  }
  return best.flatMap((node) => callOf.get(node) ?? []);
}

function shown({ name, kind, begun, ended, error }: Call): string {
  return `${kind} ${name} (${begun} to ${ended}${error === undefined ? '' : `, ${error}`})`;
}
