// What the resolver is measured and compared by: real requirements, each for one Python and as they were on one day.

import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { root } from './toolchain.ts'

export interface ResolveCase {
  readonly name: string
  /** Major and minor. */
  readonly python: string
  /** Only what was uploaded before this; absent: all that the recording has. */
  readonly before?: string
  readonly requirements: readonly string[]
  /** What is left out of the graph, and why. */
  readonly without?: readonly string[]
  /** No builds: for a Python that is not on this machine, or what can't be built any more. */
  readonly wheelsOnly?: boolean
}

const ofFile = (name: string): readonly string[] =>
  fs
    .readFileSync(path.join(root, 'benchmarks', 'resolve', `${name}.in`), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))

/** The day at which sets without one of their own are compared. */
export const comparedBefore = '2026-11-21T00:00:00Z'

/** The sets that are timed. */
export const timedCases: readonly ResolveCase[] = [
  { name: 'trio', python: '3.12', requirements: ofFile('trio') },
  { name: 'jupyter', python: '3.12', requirements: ofFile('jupyter') },
  { name: 'home-assistant', python: '3.12', requirements: ofFile('home-assistant') },
  // gssapi has no wheel for Linux, and building it, or asking it what it needs, takes Kerberos' own development files.
  { name: 'airflow', python: '3.12', requirements: ofFile('airflow'), without: ['gssapi'] },
]

/** Those on which pip 26.0 gives up after 199,999 rounds. */
const givenUp: readonly ResolveCase[] = [
  { name: 'report-2837189308', python: '3.11', before: '2025-04-29T01:34:23Z' },
  { name: 'eval-framework', python: '3.12', before: '2025-10-29T09:17:56Z' },
  { name: 'trustllm', python: '3.12', before: '2025-11-16T23:48:07Z' },
  { name: 'langchain-ml-course', python: '3.14', before: '2026-01-28T19:21:17Z', wheelsOnly: true },
  { name: 'pip-issue-12754', python: '3.11', before: '2024-06-07T14:00:00Z' },
].map((one) => ({ ...one, requirements: ofFile(one.name) }))

/** Those that lead searches astray: most are uv's benchmark inputs, or reports to pip. */
const traps: readonly ResolveCase[] = [
  {
    name: 'boto3 and urllib3',
    python: '3.9',
    before: '2023-10-01T14:00:00Z',
    requirements: ['click >= 7.0', 'click-loglevel ~= 0.2', 'dandi >= 0.24.0', 'psutil ~= 5.9', 'pyyaml', 'selenium'],
  },
  {
    name: 'starlette and fastapi',
    python: '3.11',
    before: '2024-02-17T14:00:00Z',
    requirements: ['starlette<=0.36.0', 'fastapi<=0.115.2'],
  },
  {
    name: 'rapidjson and kafka schemas',
    python: '3.11',
    before: '2024-10-10T14:00:00Z',
    requirements: ['python-rapidjson<=1.20,>=1.4', 'sentry-kafka-schemas<=0.1.113,>=0.1.50'],
  },
  {
    name: 'sphinx and five extensions',
    python: '3.11',
    before: '2023-12-09T14:00:00Z',
    requirements: ['sphinx', 'sphinx-rtd-theme', 'sphinx-toolbox', 'myst-parser', 'sphinxcontrib-bibtex', 'nbsphinx'],
  },
  {
    name: 'svcs',
    python: '3.10',
    before: '2024-02-17T14:00:00Z',
    requirements: ['attrs>=21.3.0', 'svcs[tests,typing]', 'tox>4', 'httpx'],
  },
  {
    name: 'django-stubs',
    python: '3.12',
    before: '2024-11-04T14:00:00Z',
    requirements: ['django-stubs[compatible-mypy]', 'djangorestframework-stubs[compatible-mypy]>=3'],
  },
  {
    name: 'web3 and streamlit',
    python: '3.10',
    before: '2024-06-17T14:00:00Z',
    requirements: ['eth-typing', 'numpy', 'streamlit', 'web3'],
  },
  {
    name: 'airflow and google-cloud-logging',
    python: '3.11',
    before: '2024-11-09T14:00:00Z',
    requirements: ['apache-airflow==2.7.3', 'google-cloud-logging==3.10.0'],
  },
]

/** All that are compared with the peers, the quick ones first. */
export const comparedCases: readonly ResolveCase[] = [
  ...timedCases.map((one) => ({ ...one, before: comparedBefore })),
  ...traps,
  ...givenUp,
]

/** An interpreter of that version under pyenv's root, by its path: finding one is not what is measured. */
export function interpreterOf(version: string): string | undefined {
  const versions = path.join(process.env['PYENV_ROOT'] ?? path.join(os.homedir(), '.pyenv'), 'versions')
  if (!fs.existsSync(versions)) return undefined
  const found = fs.readdirSync(versions).find((name) => name === version || name.startsWith(`${version}.`))
  return found === undefined ? undefined : path.join(versions, found, 'bin', 'python3')
}

/** Its requirements, and its overrides where it has any, as files in `directory`, which is there. */
export function writeCase(
  one: ResolveCase,
  directory: string,
): { readonly requirements: string; readonly overrides?: string } {
  const requirements = path.join(directory, 'requirements.in')
  fs.writeFileSync(requirements, `${one.requirements.join('\n')}\n`)
  if (one.without === undefined) return { requirements }
  const overrides = path.join(directory, 'overrides.txt')
  // What is required only where nothing is, is required by nobody; both tools read it so.
  fs.writeFileSync(overrides, one.without.map((name) => `${name} ; sys_platform == 'none'\n`).join(''))
  return { requirements, overrides }
}
