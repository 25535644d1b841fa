// AP-31: how people and agents name an approval. Numbers count up in each company.

export function approvalId(number: number): string {
  return `AP-${number}`;
}

/** Null for anything else than an id as we write it. */
export function readApprovalId(id: string): number | null {
  const match = /^AP-([1-9]\d{0,14})$/.exec(id);
  return match === null ? null : Number(match[1]);
}
