export interface Part {
  text: string
  imports: { file: string; names: string[] }[]
  names: Set<string>
}

export function assembleAgent(entry: string): string
export function partsOf(entry: string): Map<string, Part>
