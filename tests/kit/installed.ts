// Distributions as installers of all times leave them in site-packages, made by writing files: dist-info, egg-info, eggs in directories
// and zip files, egg-links, distutils' single files, leftovers.

import { pathToFileURL } from 'node:url'
import type { Tree } from './scratch.ts'
import { buildZip } from './zip.ts'

export interface DistInfoInput {
  readonly name: string
  readonly version: string
  /** Header lines behind Name and Version. */
  readonly headers?: readonly string[]
  readonly description?: string
  readonly installer?: string
  readonly requested?: boolean
  readonly directUrl?: unknown
  /** Other files of the info directory. */
  readonly more?: Readonly<Record<string, string>>
  readonly tag?: string
}

function metadata({ name, version, headers = [], description }: DistInfoInput): string {
  const lines = ['Metadata-Version: 2.4', `Name: ${name}`, `Version: ${version}`, ...headers]
  return `${lines.join('\n')}\n${description === undefined ? '' : `\n${description}`}`
}

/** A dist-info directory with one module. */
export function distInfo(input: DistInfoInput): Tree {
  const { name, version, installer = 'pip', tag = 'py3-none-any' } = input
  const stem = name.replace(/[-_.]+/g, '_').toLowerCase()
  const directory = `${stem}-${version}.dist-info`
  const names = ['METADATA', 'WHEEL', 'INSTALLER', 'RECORD', ...Object.keys(input.more ?? {})]
  const record = [`${stem}.py,,`, ...names.map((file) => `${directory}/${file},,`)].join('\n')
  return {
    [`${stem}.py`]: '',
    [`${directory}/METADATA`]: metadata(input),
    [`${directory}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: kit\nRoot-Is-Purelib: true\nTag: ${tag}\n`,
    [`${directory}/INSTALLER`]: `${installer}\n`,
    [`${directory}/RECORD`]: `${record}\n`,
    ...(input.requested === true ? { [`${directory}/REQUESTED`]: '' } : {}),
    ...(input.directUrl === undefined ? {} : { [`${directory}/direct_url.json`]: JSON.stringify(input.directUrl) }),
    ...Object.fromEntries(Object.entries(input.more ?? {}).map(([file, text]) => [`${directory}/${file}`, text])),
  }
}

/** What setuptools wrote with --single-version-externally-managed, and pip before wheels. */
export function eggInfo(name: string, version: string, requires: string): Tree {
  const directory = `${name}-${version}-py3.11.egg-info`
  return {
    [`${name}.py`]: '',
    [`${directory}/PKG-INFO`]: `Metadata-Version: 1.1\nName: ${name}\nVersion: ${version}\nSummary: An old one\nLicense: UNKNOWN\n`,
    [`${directory}/top_level.txt`]: `${name}\n`,
    [`${directory}/requires.txt`]: requires,
    [`${directory}/installed-files.txt`]: `../${name}.py\nPKG-INFO\ntop_level.txt\nrequires.txt\n`,
  }
}

/** distutils' single file. */
export function distutilsFile(name: string, version: string): Tree {
  return {
    [`${name}.py`]: '',
    [`${name}-${version}-py3.11.egg-info`]: `Metadata-Version: 1.0\nName: ${name}\nVersion: ${version}\nSummary: Made by distutils\n`,
  }
}

/** easy_install's egg as a directory, with its line for easy-install.pth. */
export function eggDirectory(name: string, version: string): Tree {
  const egg = `${name}-${version}-py3.11.egg`
  return {
    [`${egg}/${name}.py`]: '',
    [`${egg}/EGG-INFO/PKG-INFO`]: `Metadata-Version: 1.1\nName: ${name}\nVersion: ${version}\n`,
    [`${egg}/EGG-INFO/top_level.txt`]: `${name}\n`,
  }
}

/** The same as a zip file. */
export function eggFile(name: string, version: string): Tree {
  const entries = {
    [`${name}.py`]: '',
    'EGG-INFO/PKG-INFO': `Metadata-Version: 1.1\nName: ${name}\nVersion: ${version}\nSummary: In a zip file\n`,
  }
  const bytes = buildZip(
    Object.entries(entries).map(([file, text]) => ({ name: file, data: new TextEncoder().encode(text) })),
  )
  return { [`${name}-${version}-py3.11.egg`]: bytes }
}

/** What `setup.py develop` leaves in site-packages; the egg-info stands in the source directory. */
export function eggLink(name: string, source: string): Tree {
  return { [`${name}.egg-link`]: `${source}\n.` }
}

/** direct_url.json of a project installed in place. */
export function editableUrl(directory: string): unknown {
  return { url: pathToFileURL(directory).href, dir_info: { editable: true } }
}
