// The sizes of models in millimetres, whatever the unit of their files: as SQL, for filter-keys.ts and column-conditions.ts.
// No index has them: it would cost every write, and a walk through the table finds them.
import { millimetersIn, models } from '@cc/schema';
import { type SQL, sql } from 'drizzle-orm';

/** A file without a unit counts as one in millimetres: STL names none, and everybody prints it as that. */
const perUnit = (power: number): SQL => {
  const others = Object.entries(millimetersIn).filter(([, millimeters]) => millimeters !== 1);
  const cases = others.map(([unit, millimeters]) => `when '${unit}' then ${millimeters ** power}`);
  return sql`case ${models.unit} ${sql.raw(cases.join(' '))} else 1.0 end`;
};

const sides = [
  sql`(${models.maxX} - ${models.minX})`,
  sql`(${models.maxY} - ${models.minY})`,
  sql`(${models.maxZ} - ${models.minZ})`,
];

/** The longest side of the box; null when it is not known. */
export const longestSide = sql`(max(${sql.join(sides, sql`, `)}) * ${perUnit(1)})`;

/** Cubic millimetres; null when they are not known. */
export const volume = sql`(${models.volume} * ${perUnit(3)})`;

/** Sides are differences of numbers that a file may keep with seven digits: a cube of 20 mm may be longer by that. */
export const toleranceMm = 0.001;

/** The names of the values, the longest side first. */
export const roomSides = ['fitsLongest', 'fitsMiddle', 'fitsShortest'] as const;

/** Whether the box fits into one with the sides `roomSides`, which are in descending order, in one of its six positions. */
export const fitsIn: SQL = (() => {
  const [most, middle, least] = roomSides.map(
    (name) => sql`(${sql.placeholder(name)} + ${sql.raw(String(toleranceMm))})`,
  );
  const notLonger = sides.map((side) => sql`(${side} * ${perUnit(1)} <= ${middle})`);
  return sql`(${longestSide} <= ${most} and ${sql.join(notLonger, sql` + `)} >= 2
    and min(${sql.join(sides, sql`, `)}) * ${perUnit(1)} <= ${least})`;
})();
