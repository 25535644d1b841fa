// The people who decide what agents may do only once somebody has said yes.
import type { StoredPerson } from '../../store/index.ts';
import { areaNames, grantAreas, listed } from '../policy/words.ts';
import type { GrantArea } from '../policy/types.ts';

export type Person = {
  readonly id: string;
  /** Stands in the log. */
  readonly name: string;
  readonly role: 'approver';
  readonly areas: ApproverAreas;
  /** The password was made for the person, who is to choose an own one first. */
  readonly mustChange: boolean;
  /** ISO-8601 moment. */
  readonly madeAt: string;
  readonly madeBy: string;
};

/** The areas somebody may decide about. */
export type ApproverAreas = readonly GrantArea[] | 'all';

export function personOf({ id, name, role, areas, mustChange, madeAt, madeBy }: StoredPerson): Person {
  // An area that is not known any more is one nobody may decide about.
  const known = areas === null ? ('all' as const) : grantAreas.filter((area) => areas.includes(area));
  return { id, name, role, areas: known, mustChange, madeAt, madeBy };
}

export function mayDecideAbout(areas: ApproverAreas, area: GrantArea | null): boolean {
  return areas === 'all' || (area !== null && areas.includes(area));
}

/** “all areas”, “Calls and Contacts”. */
export function tellAreas(areas: ApproverAreas): string {
  if (areas === 'all') return 'all areas';
  return areas.length === 0 ? 'no area' : listed(areas.map((area) => areaNames[area]));
}
