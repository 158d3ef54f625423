// A tree of tasks and calls as text, Remora's or the interpreter's own, as the set of its paths: from the task above,
// along its calls, to the task below, or to the end of the calls. A task without one above begins with ''.

/** Tells a line without its branches apart: a task by its name, or a call by what stands there. */
export type ParseLabel = (text: string) => { readonly task: string } | { readonly call: string }

export function parseTree(text: string, parseLabel: ParseLabel): Set<string> {
  const paths = new Set<string>()
  const above: { depth: number; path: string; task: boolean }[] = []
  const leaves = new Map<string, boolean>()
  for (const line of text.split('\n').filter((one) => one !== '')) {
    const [branches = ''] = /^[│ ]*(?:[├└]── )?/.exec(line) ?? []
    const label = parseLabel(line.slice(branches.length).trim())
    while ((above.at(-1)?.depth ?? -1) >= branches.length) above.pop()
    const parent = above.at(-1)?.path ?? ''
    if (parent !== '') leaves.set(parent, false)
    if ('task' in label) paths.add(`${parent} > ${label.task}`)
    const path = 'task' in label ? label.task : `${parent} > ${label.call}`
    if (!leaves.has(path)) leaves.set(path, true)
    above.push({ depth: branches.length, path, task: 'task' in label })
  }
  for (const [path, isLeaf] of leaves) if (isLeaf && path.includes(' > ')) paths.add(path)
  return paths
}
