/** Compares an answer with the one that a page shows: members, types, and every text that is not of the moment. */
const OF_THE_MOMENT: readonly RegExp[] = [
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/,
  /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/,
  /^sk_[0-9a-f]{64}$/,
  /^[0-9a-f]{4}$/,
]

/** What differs, each with the path to it; none = as shown. Numbers and addresses of this machine may be others. */
export function differences(shown: unknown, actual: unknown, path = 'answer'): string[] {
  if (typeof shown === 'string' && typeof actual === 'string')
    return isSameText(shown, actual) ? [] : [unlike(path, shown, actual)]
  if (Array.isArray(shown) && Array.isArray(actual)) {
    const counts = shown.length === actual.length ? [] : [`${path}: ${shown.length} shown, ${actual.length} there`]
    return [...counts, ...shown.flatMap((each, index) => differences(each, actual[index], `${path}[${index}]`))]
  }
  if (isObject(shown) && isObject(actual)) {
    const names = new Set([...Object.keys(shown), ...Object.keys(actual)])
    return [...names].flatMap((name) => differences(shown[name], actual[name], `${path}.${name}`))
  }
  const isSame = shown === actual || (typeof shown === 'number' && typeof actual === 'number')
  return isSame ? [] : [unlike(path, shown, actual)]
}

function isSameText(shown: string, actual: string): boolean {
  const local = (text: string): string => text.replace(/^http:\/\/(localhost|127\.0\.0\.1):\d+/, 'http://here')
  return local(shown) === local(actual) || OF_THE_MOMENT.some((form) => form.test(shown) && form.test(actual))
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function unlike(path: string, shown: unknown, actual: unknown): string {
  return `${path}: shown ${JSON.stringify(shown)}, there ${JSON.stringify(actual)}`
}
