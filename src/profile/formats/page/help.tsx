// The keys and the mouse, on one sheet.

const lines: readonly (readonly [string, string])[] = [
  ['click', 'select a box and see its lines'],
  ['double click, Enter', 'zoom to a box'],
  ['drag, Shift + wheel, A D', 'move sideways'],
  ['Ctrl + wheel, + −, W S', 'zoom'],
  ['wheel', 'scroll down deep stacks'],
  ['arrows', 'go to the caller, the call, the neighbours'],
  ['/ or Ctrl F', 'search by name or file'],
  ['1  2  3', 'by weight, by time, as it was before'],
  ['T', 'next thread'],
  ['L', 'light or dark'],
  ['0', 'whole profile'],
  ['Esc', 'clear search, selection and zoom'],
]

export function Help({ close }: { close: () => void }) {
  return (
    <div class="sheet">
      <button type="button" class="veil" aria-label="Close" onClick={close} />
      <section class="help" role="dialog" aria-label="Keys">
        <h2>Keys and mouse</h2>
        <dl>
          {lines.map(([key, what]) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </section>
    </div>
  )
}
