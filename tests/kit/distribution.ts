// An installed distribution written straight into site-packages, with a RECORD that is true: for tests that then break it.

import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

export interface DistributionInput {
  readonly name: string
  readonly version?: string
  /** By path relative to site-packages. */
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  /** Console scripts by name: "module:function". They call the environment's Python. */
  readonly scripts?: Readonly<Record<string, string>>
  readonly tag?: string
  /** Written as it is, and not listed in RECORD with a hash. */
  readonly directUrl?: string
}

export interface EnvironmentDirectories {
  readonly root: string
  readonly scripts: string
  readonly python: string
  readonly purelib: string
}

/** The directories of an environment on POSIX. */
export function directoriesOf(root: string): EnvironmentDirectories {
  const library = fs.readdirSync(path.join(root, 'lib')).find((name) => /^(?:python|pypy)\d/.test(name))!
  return {
    root,
    scripts: path.join(root, 'bin'),
    python: path.join(root, 'bin', 'python'),
    purelib: path.join(root, 'lib', library, 'site-packages'),
  }
}

/** Writes the distribution as pip leaves it. Returns its .dist-info directory. */
export function putDistribution(environment: EnvironmentDirectories, input: DistributionInput): string {
  const { name, version = '1.0', files = {}, scripts = {}, tag = 'py2.py3-none-any', directUrl } = input
  const { purelib, python } = environment
  const folder = `${name.replaceAll('-', '_')}-${version}.dist-info`
  const entryPoints = Object.entries(scripts).map(([script, target]) => `${script} = ${target}\n`)
  const contents: Record<string, string | Uint8Array> = {
    ...files,
    [`${folder}/METADATA`]: `Metadata-Version: 2.1\nName: ${name}\nVersion: ${version}\n`,
    [`${folder}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
    [`${folder}/INSTALLER`]: 'pip\n',
    ...(entryPoints.length === 0
      ? {}
      : { [`${folder}/entry_points.txt`]: `[console_scripts]\n${entryPoints.join('')}` }),
    ...(directUrl === undefined ? {} : { [`${folder}/direct_url.json`]: directUrl }),
  }
  for (const [script, target] of Object.entries(scripts)) {
    const [module, callable] = target.split(':')
    const place = path.relative(purelib, path.join(environment.scripts, script))
    contents[place] =
      `#!${python}\nimport sys\nfrom ${module} import ${callable}\nif __name__ == '__main__':\n    sys.exit(${callable}())\n`
  }
  const rows = Object.entries(contents).map(([relative, content]) => {
    const place = path.join(purelib, relative)
    fs.mkdirSync(path.dirname(place), { recursive: true })
    fs.writeFileSync(place, content)
    if (relative.startsWith('..')) fs.chmodSync(place, 0o755)
    const bytes = Buffer.from(content)
    return `${relative},sha256=${createHash('sha256').update(bytes).digest('base64url')},${bytes.length}\n`
  })
  fs.writeFileSync(path.join(purelib, folder, 'RECORD'), `${rows.join('')}${folder}/RECORD,,\n`)
  return path.join(purelib, folder)
}

/** The rows of every RECORD whose hash or size is not that of the file, and those whose file is missing. */
export function untrueRows(purelib: string): readonly string[] {
  return fs
    .readdirSync(purelib)
    .filter((name) => name.endsWith('.dist-info'))
    .flatMap((name) =>
      fs
        .readFileSync(path.join(purelib, name, 'RECORD'), 'utf8')
        .split(/\r?\n/)
        .flatMap((row) => {
          const match = /^(?:"([^"]+)"|([^,]+)),sha256=([^,]+),(\d+)$/.exec(row)
          if (match === null) return []
          const place = path.join(purelib, (match[1] ?? match[2])!)
          if (!fs.existsSync(place)) return [`${row} (missing)`]
          const bytes = fs.readFileSync(place)
          const hash = createHash('sha256').update(bytes).digest('base64url')
          return hash === match[3] && String(bytes.length) === match[4] ? [] : [row]
        }),
    )
}
