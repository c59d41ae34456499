// The commands that are ended at changes of the disk, and the packages that they put in.

import type { CliWay } from './faults-cli.ts'
import { type ServedFile, servedWheel } from './index-server.ts'
import type { WheelInput } from './wheel.ts'

function project(name: string, version: string, modules: number, requires: readonly string[] = []): WheelInput {
  const files: Record<string, string> = { [`${name}/__init__.py`]: `version = '${version}'\n` }
  for (let index = 0; index < modules; index += 1) {
    files[`${name}/sub${index % 3}/m${index}.py`] = `value = '${version} ${index}'\n`
    files[`${name}/only_${version.replaceAll('.', '_')}/m${index}.py`] = ''
  }
  return {
    name,
    version,
    files,
    requires,
    scripts: { [name]: `${name}:main`, [`${name}-${version}`]: `${name}:main` },
    data: { data: { [`share/${name}/${version}.txt`]: version, [`share/${name}/same.txt`]: version } },
  }
}

export function faultWheels(modules = 12): readonly ServedFile[] {
  return ['1.0', '2.0'].flatMap((version) => [
    servedWheel(project('app', version, modules, [`lib==${version}`])),
    servedWheel(project('lib', version, modules >> 1)),
    servedWheel(project('tool', version, 4)),
  ])
}

/** By name. `python`: the base. */
export function faultWays(python: string): Readonly<Record<string, CliWay>> {
  const create = ['create', '-p', python, '--seed', 'none', '.venv']
  const old = ['pip', 'install', 'app==1.0', 'tool==1.0']
  const ways: readonly CliWay[] = [
    { name: 'create --seed pip', before: [], change: ['create', '-p', python, '--seed', 'pip', '--offline', '.venv'] },
    { name: 'create with den’s pip', before: [], change: ['create', '-p', python, '.venv'] },
    { name: 'pip install, nothing in the store', before: [create], change: ['pip', 'install', 'app==1.0'], cold: true },
    { name: 'pip install -U of three', before: [create, old], change: ['pip', 'install', 'app==2.0', 'tool==2.0'] },
    { name: 'pip uninstall', before: [create, old], change: ['pip', 'uninstall', '-y', 'app', 'lib'] },
    {
      name: 'pip into a standing environment',
      // With the settings that it will have, which are a change of their own.
      before: [
        ['virtualenv', '-p', python, '--no-download', '.venv'],
        ['pip', 'uninstall', '-y', 'pip'],
      ],
      change: ['virtualenv', '-p', python, '--no-download', '.venv'],
    },
    {
      name: 'repair',
      before: [create, old, ['run', '--', 'sh', '-c', 'rm -r .venv/lib/python3*/site-packages/app']],
      change: ['repair', '.venv'],
    },
  ]
  return Object.fromEntries(ways.map((way) => [way.name, way]))
}
