import type { Plugin } from 'esbuild'

export const PAGE: RegExp
export function buildPage(): Promise<string>
export const pagePlugin: Plugin
