/** JSON that jsonb takes: it refuses NUL and half a character, which texts from outside may hold. */
export const jsonText = (value: unknown, leftOut?: ReadonlySet<string>): string =>
  JSON.stringify(value, (key, one: unknown) => {
    if (leftOut?.has(key)) return undefined
    return typeof one === 'string' ? one.replaceAll('\0', '').toWellFormed() : one
  })
