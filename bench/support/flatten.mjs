// What nobody can do without: parse a page and make flat rows of its records, with child rows for lists, as plainly as
// possible. No types, no checks, no sink. What benchmarks compare to.

/** @typedef {{ [name: string]: unknown }} Row */

/**
 * @param {Buffer} page
 * @param {Map<string, Row[]>} tables filled with the rows
 */
export function flattenPage(page, tables) {
  const { calls } = /** @type {{ calls: Row[] }} */ (JSON.parse(page.toString('utf8')));
  for (const call of calls) flattenCall(call, tables);
  return calls.length;
}

/**
 * @param {Row} call
 * @param {Map<string, Row[]>} tables
 */
export function flattenCall(call, tables) {
  /** @type {Row} */
  const row = {};
  flattenInto(call, { row, prefix: '', table: 'calls', id: call['id'], tables });
  rowsOf(tables, 'calls').push(row);
}

/**
 * @param {Row} record
 * @param {{ row: Row, prefix: string, table: string, id: unknown, tables: Map<string, Row[]> }} into
 */
function flattenInto(record, { row, prefix, table, id, tables }) {
  for (const key in record) {
    const value = record[key];
    const name = prefix + key;
    if (value === null || typeof value !== 'object') row[name] = value;
    else if (!Array.isArray(value)) flattenInto(/** @type {Row} */ (value), { row, prefix: `${name}__`, table, id, tables });
    else flattenList(value, `${table}__${name}`, id, tables);
  }
}

/**
 * @param {readonly unknown[]} list
 * @param {string} table
 * @param {unknown} id
 * @param {Map<string, Row[]>} tables
 */
function flattenList(list, table, id, tables) {
  const rows = rowsOf(tables, table);
  for (const [index, element] of list.entries()) {
    /** @type {Row} */
    const row = { _parent_id: id, _index: index };
    if (element === null || typeof element !== 'object') row['value'] = element;
    else flattenInto(/** @type {Row} */ (element), { row, prefix: '', table, id, tables });
    rows.push(row);
  }
}

/**
 * @param {Map<string, Row[]>} tables
 * @param {string} table
 */
function rowsOf(tables, table) {
  let rows = tables.get(table);
  if (rows === undefined) {
    rows = [];
    tables.set(table, rows);
  }
  return rows;
}
