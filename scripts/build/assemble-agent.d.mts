export interface Part {
  text: string
  imports: { file: string; names: string[] }[]
  names: Set<string>
}

export function assembleAgent(entry: string, kinds: Readonly<Record<string, string>>): string
export function partsOf(entry: string): Map<string, Part>
