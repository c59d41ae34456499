import type { Host } from '../host/host.ts'

/** The name that activation shows: the prompt, else the directory's name; ".venv" says nothing, its project's name does. */
export function promptName(path: Pick<Host['path'], 'basename' | 'dirname'>, root: string, prompt?: string): string {
  if (prompt !== undefined && prompt !== '') return prompt
  const name = path.basename(root)
  return name === '.venv' ? path.basename(path.dirname(root)) || name : name
}
