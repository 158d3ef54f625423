import net from 'node:net'
import { expect, test } from 'vitest'
import { parseTcpTable, readListeningPorts, readListeningSockets, type SocketTables } from './sockets.js'

const HEAD =
  '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode                                                     '

test('takes the listening sockets of an IPv4 table and leaves out the connections', () => {
  const text = [
    HEAD,
    '   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  1000        0 40123 1 0000000000000000 100 0 0 10 0',
    '   1: 00000000:0016 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 17 1 0000000000000000 100 0 0 10 0',
    '   2: 0100007F:1F90 0100007F:C350 01 00000000:00000000 00:00000000 00000000  1000        0 40200 1 0000000000000000 20 4 30 10 -1',
    '',
  ].join('\n')
  expect(parseTcpTable(text)).toEqual([
    { port: 8080, inode: 40123, uid: 1000 },
    { port: 22, inode: 17, uid: 0 },
  ])
})

test('takes those of an IPv6 table', () => {
  const text = `${HEAD}
   0: 00000000000000000000000001000000:FFFF 00000000000000000000000000000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 5 1 0 100 0 0 10 0
`
  expect(parseTcpTable(text)).toEqual([{ port: 65_535, inode: 5, uid: 0 }])
})

test('makes nothing of what is no table', () => {
  for (const text of ['', HEAD, 'a b c 0A e f g h i j', '0: zz:1F90 x 0A']) expect(parseTcpTable(text)).toEqual([])
})

test('finds the ports of a process, each once, and forgets those that are closed', async () => {
  const [ipv4, ipv6] = await Promise.all([listen('127.0.0.1', 0), listen('::1', 0)])
  const ports = [ipv4, ipv6].map(({ port }) => port).sort((a, b) => a - b)
  expect(readListeningPorts(process.pid)).toEqual(expect.arrayContaining(ports))
  await Promise.all([ipv4.close(), ipv6.close()])
  expect(readListeningPorts(process.pid)).not.toEqual(expect.arrayContaining(ports))
})

test('reads the table of a network namespace once', () => {
  const tables: SocketTables = new Map()
  const sockets = readListeningSockets(process.pid, tables)
  expect([...tables.values()]).toEqual([sockets])
  expect(readListeningSockets(process.ppid, tables)).toBe(sockets)
})

test('a process that is not there listens on nothing', () => {
  expect(readListeningPorts(2 ** 22 + 1)).toEqual([])
})

async function listen(host: string, port: number): Promise<{ port: number; close: () => Promise<void> }> {
  const server = net.createServer()
  await new Promise<void>((resolve) => server.listen(port, host, resolve))
  const address = server.address() as net.AddressInfo
  return { port: address.port, close: () => new Promise((resolve) => server.close(() => resolve())) }
}
