// Tests that wait most of their time: what they do with each interpreter goes on at the same time as with the others.

/** Runs `action` for each of `cases` at once. It ends when all have ended, and fails with the first that failed, by name. */
export async function sideBySide<T extends { readonly name: string }>(
  cases: readonly T[],
  action: (each: T) => Promise<void>,
): Promise<void> {
  const results = await Promise.allSettled(cases.map(action))
  for (const [index, result] of results.entries()) {
    if (result.status === 'fulfilled') continue
    if (result.reason instanceof Error) result.reason.message = `${cases[index]?.name}: ${result.reason.message}`
    throw result.reason
  }
}
