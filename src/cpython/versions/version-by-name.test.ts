import { expect, test } from 'vitest'
import { findVersionByName, isNamedPython } from './version-by-name.js'

test.each([
  '/usr/bin/python',
  '/usr/bin/python3',
  '/opt/bin/python3.14d',
  '/usr/lib/libpython3.9m.so.1.0',
  'libpython3.so',
  'python2.7',
])('%s is named Python', (path) => expect(isNamedPython(path)).toBe(true))

test.each([
  '',
  '/usr/bin/node',
  '/usr/bin/ipython3',
  '/usr/bin/pypy3.10',
  '/usr/lib/python3.11/lib-dynload/_ssl.so',
  '/usr/bin/python3-config',
  '/a/libboost_python311.so',
])('%s is not', (path) => expect(isNamedPython(path)).toBe(false))

test('an interpreter tells more than the folder of the library', () => {
  const module = '/usr/lib/python3.9/lib-dynload/_ssl.cpython-39-x86_64-linux-gnu.so'
  expect(findVersionByName(['/usr/bin/python3.11', module])).toBe('3.11')
  expect(findVersionByName(['/usr/bin/python3', module])).toBe('3.9')
  expect(findVersionByName(['/usr/bin/uwsgi', '/usr/lib/libpython3.8.so.1.0'])).toBe('3.8')
  expect(findVersionByName(['/usr/bin/python3', '/usr/lib/libc.so.6'])).toBeUndefined()
})
