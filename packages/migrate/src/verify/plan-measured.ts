// plan() with `measure`: runs the migrations on a copy of the database, one by one, and says what each loses there.

import type { MigrationPlan, PlannedMigration, PlanOptions } from '../contract/run.js';
import { agreementOf, noAgreement } from '../loss/agreement.js';
import { type Call, describeCall, type Ground, holding, runCall } from '../run/call.js';
import { lossProblem } from '../run/loss-problem.js';
import { planStep } from '../run/plan.js';
import { lossesOf } from '../run/telling.js';
import { onCopy } from './verify.js';

/** Describes `call`, with losses as they are on a copy. @throws DatabaseError of the copy, or of a statement that fails */
export async function planMeasured(
  ground: Ground,
  call: Call,
  options: Pick<PlanOptions, 'encryptionKey'>,
): Promise<MigrationPlan> {
  const { plan, steps, made } = await describeCall(ground, call);
  const isRefused = [...plan.problems, ...plan.migrations.flatMap(({ problems }) => problems)].some(
    ({ kind }) => kind !== 'data_loss',
  );
  // What does not run loses nothing that could be measured.
  if (isRefused || steps.length === 0) return plan;
  const { answer: migrations } = await onCopy(ground, options, async (copy) => {
    const measured: PlannedMigration[] = [];
    for (const [index, step] of steps.entries()) {
      const shown = plan.migrations[index];
      if (!shown) break;
      const telling = await Promise.allSettled([
        holding(copy, 'write', async (connection) => {
          const how = {
            agreement: noAgreement,
            made: made[index] ?? new Set<string>(),
            ledger: ground.migrationsTable,
            trials: [],
          };
          return await lossesOf(connection, (await planStep(connection, step, how)).transition);
        }),
      ]);
      // A statement that fails while it is measured fails here, too, where the error names file and line.
      await runCall(copy, { ...call, reach: { steps: 1 }, allowDataLoss: true }, manner);
      if (telling[0].status === 'rejected') throw telling[0].reason;
      const losses = telling[0].value;
      const agreement = agreementOf(call.allowDataLoss, step.sql);
      const refused = losses.filter(({ table, column }) => !agreement.has(table, column));
      measured.push({ ...shown, losses, problems: lossProblem(step.version, step.direction, refused) });
    }
    return measured;
  });
  return { ...plan, migrations };
}

const manner = { dryRun: false, backup: undefined, onProgress: undefined } as const;
