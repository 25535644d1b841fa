import { parseSync } from 'oxc-parser';

/** The names a module lets out, sorted; types are marked as such. */
export function exportedNames(path: string, text: string): readonly string[] {
  const names: string[] = [];
  for (const { entries } of parseSync(path, text).module.staticExports) {
    for (const { exportName, isType } of entries) names.push(`${isType ? 'type ' : ''}${exportName.name ?? '*'}`);
  }
  return names.sort();
}
