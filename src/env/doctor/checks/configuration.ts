// Check 6: the text of pyvenv.cfg is read by Python otherwise than it was meant: a byte order mark, keys that stand twice, lines that
// came in by a newline in a value.

import { denCommand, denCommandKey, denCommandStands } from '../../den-command.ts'
import { ifReadable } from '../../quietly.ts'
import { isInside } from '../../size.ts'
import type { EnvironmentCheck, Found } from '../check.ts'
import type { Examination } from '../examination.ts'
import { word } from '../word.ts'

export const configurationCheck: EnvironmentCheck = {
  id: 'configuration',
  title: 'pyvenv.cfg is read as it was written',
  scope: 'environment',
  async run(examination) {
    const { environment, context } = examination
    const { cfg, root } = environment
    const file = context.host.path.join(root, 'pyvenv.cfg')
    if (cfg === undefined) return await missing(examination, file)
    const text = context.host.files.readText(file) ?? ''
    const stray = text
      .split(/\r\n|\r|\n/)
      .flatMap((line, index) => (line.trim() !== '' && !line.includes('=') ? [index + 1] : []))
    const reasons = [
      ...(cfg.hasByteOrderMark
        ? ['a byte order mark stands before the first key, which Python 3.11 and newer do not find because of it']
        : []),
      ...cfg.duplicates.map((key) => {
        const lines = cfg.lines.filter((line) => line.key === key)
        const where = lines.map(({ line, value }) => `line ${line}: ${value}`).join('; ')
        return `${key} stands ${lines.length} times (${where}); Python takes the first in one place and the last in another`
      }),
      ...(stray.length === 0
        ? []
        : [
            `line ${stray.join(', ')} ${stray.length === 1 ? 'has' : 'have'} no key; a value broke over the end of its line`,
          ]),
    ]
    if (reasons.length === 0) return lostDen(examination)
    return [
      {
        severity: cfg.duplicates.includes('home') || cfg.hasByteOrderMark ? 'error' : 'warning',
        what: `${file} means something else to Python than to its reader`,
        why: reasons.join('. '),
        fix: [`den repair ${word(root)}`],
        repair: [{ kind: 'configuration', pairs: cleaned(examination) }],
      },
    ]
  },
}

/** den's own pip is there, and the den that it is to call is not. */
function lostDen({ environment, context }: Examination): readonly Found[] {
  const { host } = context
  const { cfg, root, paths } = environment
  const known = cfg?.values.get(denCommandKey)
  if (known === undefined || denCommandStands(host, known)) return []
  const layout = host.path.join(paths.purelib, 'pip', '__main__.py')
  if (ifReadable(() => host.files.readText(layout))?.includes(denCommandKey) !== true) return []
  const present = denCommand(host)
  return [
    {
      severity: 'warning',
      what: `the pip of ${root} is den's, and looks for den where it is no longer: ${known}`,
      why: 'den was moved or taken away; until that is mended, it takes whatever den is first on PATH',
      fix: [`den repair ${word(root)}`],
      ...(present === undefined
        ? {}
        : { repair: [{ kind: 'configure', values: { [denCommandKey]: present } }] as const }),
    },
  ]
}

/** Each key once. Of several homes the one that the executable leads to; of other keys the first, since what was injected comes after. */
function cleaned(examination: Examination): readonly (readonly [string, string])[] {
  const { environment, context, executable } = examination
  const { files, path } = context.host
  const end = executable()
  const lines = environment.cfg?.lines ?? []
  const homes = lines.filter(({ key }) => bare(key) === 'home').map(({ value }) => value)
  const real = (place: string): string | undefined => ifReadable(() => files.realPath(place))
  const linked = end.kind === 'found' ? path.dirname(end.path) : undefined
  const home =
    homes.find((candidate) => linked !== undefined && path.isAbsolute(candidate) && real(candidate) === real(linked)) ??
    homes.find((candidate) => path.isAbsolute(candidate) && real(candidate) !== undefined) ??
    homes[0]
  const pairs = new Map<string, string>()
  for (const { key, value } of lines) {
    const name = bare(key)
    if (!/^[\w-]+$/.test(name) || pairs.has(name)) continue
    pairs.set(name, name === 'home' && home !== undefined ? home : value)
  }
  return [...pairs]
}

function bare(key: string): string {
  return key.replace(/^\ufeff/, '')
}

/** An environment by its other marks whose pyvenv.cfg is gone: for Python it is none any more. */
async function missing(examination: Examination, file: string): Promise<readonly Found[]> {
  const { environment, executable, context } = examination
  const { path, files } = context.host
  if (environment.kind === 'conda' || environment.kind === 'pixi') return []
  // The mark that an older virtualenv left instead.
  if (environment.base.prefix !== undefined || files.lstat(file) !== undefined) return []
  const end = executable()
  // Where the executable leads nowhere, it will lead to the one that takes its place.
  const base = end.kind === 'found' ? end.path : (await examination.replacement())?.executable
  if (base === undefined || isInside(path, environment.root, base)) return []
  const home = path.dirname(base)
  const version = environment.pythonVersion
  return [
    {
      severity: 'error',
      what: `${file} is missing`,
      why: 'without it Python does not know that it runs in an environment, and uses the packages of the base',
      fix: [`den repair ${word(environment.root)}`],
      repair: [
        {
          kind: 'configuration',
          pairs: [
            ['home', home],
            ['include-system-site-packages', 'false'],
            ...(version?.micro === undefined
              ? []
              : ([['version', `${version.major}.${version.minor}.${version.micro}`]] as const)),
          ],
        },
      ],
    },
  ]
}
