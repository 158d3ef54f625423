import { expect, test } from 'vitest'
import { escapeControls } from './escape-controls.js'

test('leaves text as it is', () => {
  expect(escapeControls('python app.py --name "Zoë 日本 👍"')).toBe('python app.py --name "Zoë 日本 👍"')
})

test('what would move a cursor becomes an escape', () => {
  expect(escapeControls('a\nb\tc\r\u001b[31md\u009be\u2028f\u202eg')).toBe(
    'a\\nb\\tc\\r\\x1b[31md\\x9be\\u2028f\\u202eg',
  )
})
