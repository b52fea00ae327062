/** Whether the value is nested deeper than so many levels. Without recursion, which would fail. */
export function isNestedDeeper(value: unknown, levels: number): boolean {
  const open: { readonly value: unknown; readonly level: number }[] = [{ value, level: 0 }]
  for (let each = open.pop(); each !== undefined; each = open.pop()) {
    if (typeof each.value !== 'object' || each.value === null) continue
    if (each.level >= levels) return true
    for (const part of Object.values(each.value)) open.push({ value: part, level: each.level + 1 })
  }
  return false
}
