// `remora convert`: a recording in, a file for another tool out.

import { RemoraError } from '../../errors/remora-error.js'
import { formatNames, formats } from '../../profile/formats/index.js'
import { convert } from '../../session/profile/convert.js'
import { type Command, type Invocation, jsonOption, stringOption } from '../command.js'
import { renderConvert } from '../render/profile/convert.js'
import { mainOf } from '../run-command.js'
import type { Terminal } from '../terminal/terminal.js'

const command: Command = {
  name: 'convert',
  usage: 'RECORDING -o FILE',
  description: [
    'The ending of FILE chooses the format, or -f does:',
    ...formatNames.map((name) => `  ${name.padEnd(11)}${formats[name].endings[0].padEnd(18)}${formats[name].summary}`),
  ].join('\n'),
  options: {
    output: { type: 'string', short: 'o', placeholder: 'FILE', description: 'the file to write' },
    format: { type: 'string', short: 'f', placeholder: 'FORMAT', description: `one of ${formatNames.join(', ')}` },
    diff: {
      type: 'string',
      placeholder: 'OLD',
      description: 'show what has changed since the recording OLD (html, collapsed)',
    },
    json: jsonOption,
  },
  examples: ['remora convert new.remora -o new.html', 'remora convert new.remora --diff old.remora -o new.html'],
  run,
}

export const main = mainOf(command)

async function run(invocation: Invocation, terminal: Terminal): Promise<number> {
  const [input, ...more] = invocation.positionals
  const output = stringOption(invocation, 'output')
  if (input === undefined || more.length > 0 || output === undefined) {
    throw new RemoraError('USAGE', 'name one recording, and the file to write with -o', { command: 'convert' })
  }
  const format = stringOption(invocation, 'format')
  const diff = stringOption(invocation, 'diff')
  const document = convert(input, output, {
    ...(format === undefined ? {} : { format }),
    ...(diff === undefined ? {} : { diff }),
  })
  const json = invocation.options.json === true
  await terminal.writeOut(json ? `${JSON.stringify(document)}\n` : renderConvert(document, terminal))
  return 0
}
