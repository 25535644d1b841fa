// What a sync would read and cost, for people.
import type { BudgetStatus } from '../../base/index.ts';
import type { SyncPlan } from '../../sync/index.ts';
import { count, duration, plural } from './format.ts';
import { waitForBudgetMs } from './progress-state.ts';
import type { Style } from './style.ts';
import { tableLines } from './table.ts';

export function planLines(
  plan: SyncPlan,
  { budget, style, width }: { readonly budget: BudgetStatus; readonly style: Style; readonly width: number },
): string[] {
  const requests = plan.streams.reduce((sum, each) => sum + (each.requests ?? 0), 0);
  const unknown = plan.streams.some((each) => each.requests === null);
  const table =
    tableLines({
      columns: [
        { title: 'Stream', minimum: 8 },
        { title: 'Rows', align: 'right' },
        { title: 'Requests', align: 'right', minimum: 8 },
        { title: 'Why', minimum: 12 },
      ],
      rows: plan.streams.map((each) => [
        each.stream,
        each.rows === null ? 'unknown' : count(each.rows),
        each.requests === null ? 'unknown' : count(each.requests),
        each.reason,
      ]),
      width,
      style,
    }) ?? [];
  const waitMs = waitForBudgetMs(requests, budget);
  const pace = budget.allowed === Infinity ? 'without a limit' : `at ${plural(budget.allowed, 'request')} a minute`;
  const time = waitMs === 0 ? 'no wait for the budget' : `about ${duration(waitMs)} ${pace}`;
  return ['', ...table, '', `${unknown ? 'At least ' : ''}${plural(requests, 'request')}: ${time}. Nothing was written.`];
}
