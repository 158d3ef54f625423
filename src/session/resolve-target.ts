export function resolveTarget(_word: string): number { return 0 }
