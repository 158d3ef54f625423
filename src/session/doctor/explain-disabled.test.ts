import { expect, test } from 'vitest'
import { explainDisabled } from './explain-disabled.js'

const none = new Map<string, string>()
const RESTART = 'Reading works. To run code in it, restart it with: '

function restartOf(words: readonly string[]): string {
  const { detail, remedy } = explainDisabled(words, none)
  expect(detail).toBe('remote debugging is disabled by the option -X disable-remote-debug')
  return remedy.replace(RESTART, '')
}

test('names the variable, also when it is empty, and how to start without it', () => {
  const { detail, remedy } = explainDisabled(['python3', 'my app.py'], new Map([['PYTHON_DISABLE_REMOTE_DEBUG', '']]))
  expect(detail).toBe('remote debugging is disabled by PYTHON_DISABLE_REMOTE_DEBUG in its environment')
  expect(remedy).toBe(`${RESTART}env -u PYTHON_DISABLE_REMOTE_DEBUG python3 'my app.py'`)
})

test('takes the option out in each of its spellings', () => {
  expect(restartOf(['python3', '-X', 'disable-remote-debug', 'app.py'])).toBe('python3 app.py')
  expect(restartOf(['python3', '-Xdisable-remote-debug=0', '-m', 'app'])).toBe('python3 -m app')
  expect(restartOf(['python3', '-BXdisable-remote-debug', '-c', 'pass'])).toBe('python3 -B -c pass')
  expect(restartOf(['python3', '-W', 'error', '-uX', 'disable-remote-debug', '-X', 'dev', "it's"])).toBe(
    "python3 -W error -u -X dev 'it'\\''s'",
  )
})

test("leaves the program's own options alone", () => {
  for (const words of [
    ['python3', 'app.py', '-X', 'disable-remote-debug'],
    ['python3', '-m', 'app', '-X', 'disable-remote-debug'],
    ['python3', '-c', '-X', 'disable-remote-debug'],
    ['python3', '-W', '-Xdisable-remote-debug', 'app.py'],
    ['python3', '-X', 'disable_remote_debug', 'app.py'],
  ]) {
    expect(explainDisabled(words, none).detail).toContain('--without-remote-debug')
  }
})

test('names both where both were used', () => {
  const environment = new Map([['PYTHON_DISABLE_REMOTE_DEBUG', '1']])
  const { detail, remedy } = explainDisabled(['python3', '-X', 'disable-remote-debug', 'app.py'], environment)
  expect(detail).toContain('PYTHON_DISABLE_REMOTE_DEBUG in its environment and by the option -X disable-remote-debug')
  expect(remedy).toBe(`${RESTART}env -u PYTHON_DISABLE_REMOTE_DEBUG python3 app.py`)
})

test('does not blame an environment that it could not read', () => {
  expect(explainDisabled(['python3'], undefined).detail).toContain('its environment may not be read')
})
