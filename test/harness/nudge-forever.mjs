// A client that nudges a process again and again until it is killed: nudge-forever.mjs PID. It says so before it begins.

import { attach } from '../../dist/index.js'

const target = await attach(Number(process.argv[2]))
process.stdout.write('nudging\n')
for (;;) await target.exec('pass', { nudge: 'safe' })
