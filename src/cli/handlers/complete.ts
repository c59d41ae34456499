import type { Session } from '../../commands/session.ts'
import { readEnvironment } from '../../env/environment.ts'
import { readInstalled } from '../../env/installed.ts'
import { selectEnvironment } from '../../env/select.ts'
import { formatPythonVersion } from '../../python/interpreter.ts'
import { type Ask, type Candidate, complete } from '../completion/complete.ts'
import type { Invocation } from '../invocation.ts'
import type { Handler } from '../options/option.ts'

/** den __complete SHELL INDEX WORD…: see completion/scripts.ts. What goes wrong is not said: the line is not finished yet. */
export const handle: Handler = async (invocation) => {
  const { operands, output } = invocation
  const [shell, index, ...raw] = operands
  const { words, place } = shell === 'bash' ? joinBroken(raw, Number(index)) : { words: raw, place: Number(index) }
  try {
    const answer = await complete(words.slice(0, place), words[place] ?? '', askThrough(invocation))
    // fish and PowerShell replace the whole word, bash and zsh what stands after the `=`.
    const prefix = shell === 'fish' || shell === 'powershell' ? answer.prefix : ''
    const lines = answer.candidates.map(
      ({ value, says }) => `${prefix}${value}${says === undefined ? '' : `\t${says}`}`,
    )
    output.print([answer.paths, ...lines.filter((line) => !/[\n\r]/.test(line))].join('\n'))
  } catch {
    output.print('files')
  }
  return 0
}

/** bash divides words at `=`: "--python", "=", "3.12" was typed as one. */
function joinBroken(
  raw: readonly string[],
  index: number,
): { readonly words: readonly string[]; readonly place: number } {
  const words: string[] = []
  let place = raw.length
  raw.forEach((word, at) => {
    const previous = words.at(-1)
    const joins =
      previous !== undefined && at > 0 && ((word === '=' && previous.startsWith('--')) || /^--[^=]+=$/.test(previous))
    if (joins) words[words.length - 1] = previous + word
    else words.push(word)
    if (at === index) place = words.length - 1
  })
  return { words, place: index >= raw.length ? words.length : place }
}

function askThrough({ session, host }: Invocation): Ask {
  return {
    pythons: () => pythonCandidates(session),
    environments: async () =>
      // Named ones only, by one listing of their directory: whoever presses Tab does not wait for a search of the machine.
      (host.files.list(session.places.environments) ?? [])
        .filter(({ kind }) => kind === 'directory')
        .map(({ name }) => ({ value: name, says: 'named environment' })),
    packages: async () => {
      const { environmentPrefix } = await import('../compat/pip/environment-prefix.ts')
      const root = environmentPrefix(host, undefined)
      const environment = root === undefined ? undefined : readEnvironment(host, root)
      if (environment === undefined) return []
      const { purelib, platlib } = environment.paths
      return [...new Set(readInstalled(host, [purelib, platlib]).map(({ project }) => project))]
    },
    programs: async () => {
      const { root } = selectEnvironment(session)
      const scripts = host.path.join(root, host.platform === 'win32' ? 'Scripts' : 'bin')
      return (host.files.list(scripts) ?? []).map(({ name }) => ({ value: name, says: 'of the environment' }))
    },
  }
}

async function pythonCandidates(session: Session): Promise<readonly Candidate[]> {
  const found = await session.pythonList({ spawn: false })
  const candidates = new Map<string, string>()
  for (const { interpreter, executable } of found.pythons) {
    if (interpreter === undefined) continue
    const { implementation, version, freeThreaded } = interpreter
    const before = implementation === 'cpython' ? '' : implementation
    const after = freeThreaded ? 't' : ''
    for (const number of [`${version.major}.${version.minor}`, formatPythonVersion(version)]) {
      const value = `${before}${number}${after}`
      if (!candidates.has(value)) candidates.set(value, executable)
    }
  }
  return [...candidates].map(([value, says]) => ({ value, says }))
}
