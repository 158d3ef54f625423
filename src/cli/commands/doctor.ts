import type { Command } from '../command.js'
export const command = {} as Command
