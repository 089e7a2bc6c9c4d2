// Names in agreements: what is agreed to by one name lets nothing go that another one stands for.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { agreementOf, lossName, lossNamesIn } from '../../src/loss/agreement.js';

test('a table with a dot in its name is not the column of another table', () => {
  const column = agreementOf(['a.b'], null);
  expect([column.has('a', 'b'), column.has('a.b', null), column.has('a', null)]).toEqual([true, false, false]);
  const table = agreementOf(['"a.b"'], null);
  expect([table.has('a.b', null), table.has('a', 'b')]).toEqual([true, false]);
});

test('quotes around a plain name, capitals and the lines of a file mean the same', () => {
  expect(agreementOf(['"Users".email'], null).has('users', 'EMAIL')).toBe(true);
  const marked = agreementOf([], '-- cc:loss users.email, "odd,name", "say ""so"""\nSELECT 1');
  expect(marked.names).toEqual(['users.email', '"odd,name"', '"say ""so"""']);
  expect([marked.has('odd,name', null), marked.has('say "so"', null), marked.has('odd', null)]).toEqual([
    true,
    true,
    false,
  ]);
});

const name = fc.string({ unit: fc.constantFrom('a', 'b', 'É', '.', ',', '"', ' ', 'x'), minLength: 1, maxLength: 5 });
const loss = fc.tuple(name, fc.option(name));
const folded = ([table, column]: readonly [string, string | null]): string => JSON.stringify([table, column]);

test('the name that a refusal shows agrees to exactly that, in a list too', () => {
  fc.assert(
    fc.property(fc.array(loss, { minLength: 1, maxLength: 4 }), loss, (agreed, other) => {
      const list = agreed.map(([table, column]) => lossName(table, column)).join(',');
      const agreement = agreementOf(lossNamesIn(list), null);
      for (const [table, column] of agreed) expect(agreement.has(table, column)).toBe(true);
      expect(agreement.has(...other)).toBe(agreed.map(folded).includes(folded(other)));
    }),
  );
});
