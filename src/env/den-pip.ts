// den's own pip as it stands in an environment: a package and scripts that hand everything to den. A new environment gets it as a part of
// its plan; over one that is there it is installed like any other wheel (engine/den-pip.ts). Both take their files from here.

import type { posix } from 'node:path'
import { denPipDigest, denPipFiles } from './den-pip.generated.ts'
import type { EnvironmentPaths, PlanEntry } from './plan.ts'

/** The pip whose command line den speaks, and whose it is. */
export const denPipVersion = '26.3+den'

export { denPipDigest }

/** Whether an installed distribution is den's pip rather than the real one. */
export function isDenPip(distribution: { readonly project: string; readonly version: string }): boolean {
  return distribution.project === 'pip' && distribution.version.endsWith('+den')
}

/** Whether a script's beginning is that of den's own pip. */
export function isDenPipScript(text: string): boolean {
  return text.startsWith(denPipFiles['pip.sh']!.text.split('\n', 2).join('\n'))
}

export interface DenPipFile {
  readonly name: string
  readonly text: string
  /** In RECORD's spelling. */
  readonly digest: string
  readonly size: number
}

export interface DenPipLayout {
  readonly distInfo: string
  /** Relative to site-packages. */
  readonly modules: readonly DenPipFile[]
  /** Its names in bin, the first being the file's. */
  readonly scriptNames: readonly string[]
  readonly script: DenPipFile
}

export function denPipLayout({ major, minor }: { readonly major: number; readonly minor: number }): DenPipLayout {
  const distInfo = `pip-${denPipVersion}.dist-info`
  const file = (asset: string, name: string): DenPipFile => ({ ...denPipFiles[asset]!, name })
  return {
    distInfo,
    modules: [
      file('__init__.py', 'pip/__init__.py'),
      file('__main__.py', 'pip/__main__.py'),
      file('METADATA', `${distInfo}/METADATA`),
      file('WHEEL', `${distInfo}/WHEEL`),
    ],
    scriptNames: ['pip', `pip${major}`, `pip${major}.${minor}`],
    script: file('pip.sh', 'pip'),
  }
}

/** For a new environment on POSIX. Its second and third script are links to the first. */
export function denPipEntries(
  path: typeof posix,
  paths: EnvironmentPaths,
  version: { readonly major: number; readonly minor: number },
): readonly PlanEntry[] {
  const { distInfo, modules, scriptNames, script } = denPipLayout(version)
  const site = path.relative(paths.root, paths.purelib)
  const scripts = path.relative(paths.root, paths.scripts)
  const toScripts = path.relative(paths.purelib, paths.scripts)
  const row = (name: string, { digest, size }: Omit<DenPipFile, 'name'>): string => `${name},sha256=${digest},${size}\n`
  const record = [
    ...scriptNames.map((name) => row(`${toScripts}/${name}`, script)),
    row(`${distInfo}/INSTALLER`, installer),
    ...modules.map((one) => row(one.name, one)),
    row(`${distInfo}/REQUESTED`, requested),
    `${distInfo}/RECORD,,\n`,
  ].join('')
  const [first, ...others] = scriptNames
  return [
    { kind: 'directory', path: `${site}/pip` },
    { kind: 'directory', path: `${site}/${distInfo}` },
    ...modules.map(({ name, text }): PlanEntry => ({ kind: 'file', path: `${site}/${name}`, text })),
    { kind: 'file', path: `${site}/${distInfo}/INSTALLER`, text: installer.text },
    { kind: 'file', path: `${site}/${distInfo}/REQUESTED`, text: requested.text },
    { kind: 'file', path: `${site}/${distInfo}/RECORD`, text: record },
    { kind: 'file', path: `${scripts}/${first}`, text: script.text, mode: 0o777 },
    ...others.map((name): PlanEntry => ({ kind: 'link', path: `${scripts}/${name}`, target: first! })),
  ]
}

const installer = { text: 'den\n', digest: 'YMFKFsDGMu4VyHMKOBPrG1MfHq8_FZiYKwS0lLor_2M', size: 4 }
const requested = { text: '', digest: '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU', size: 0 }
