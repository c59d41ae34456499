// build-details.json (PEP 739, schema 1.0 as on packaging.python.org): what a Python 3.14 or newer says of itself in its standard
// library's directory, so that nobody has to run it.

import { defined } from '../base/defined.ts'
import { DenError } from '../base/error.ts'
import { isJsonObject, type JsonObject } from '../format/json.ts'

/** `sys.version_info`. */
export interface VersionInfo {
  readonly major: number
  readonly minor: number
  readonly micro: number
  readonly level: 'alpha' | 'beta' | 'candidate' | 'final'
  readonly serial: number
}

/** Paths are as written: `basePrefix` absolute or relative to the file's directory, all others absolute or relative to it. */
export interface BuildDetails {
  readonly schemaVersion: string
  readonly basePrefix: string
  readonly baseInterpreter?: string
  /** `sysconfig.get_platform()`: "linux-x86_64". */
  readonly platform: string
  readonly language: {
    /** "3.14" */
    readonly version: string
    readonly versionInfo?: VersionInfo
  }
  readonly implementation: {
    readonly name: string
    readonly version: VersionInfo
    readonly hexversion: number
    /** undefined for an implementation that caches no bytecode. */
    readonly cacheTag?: string
    /** CPython's own: "x86_64-linux-gnu". */
    readonly multiarch?: string
  }
  readonly abi?: {
    /** "t", "d" in the order of the extension suffix. */
    readonly flags: readonly string[]
    readonly extensionSuffix?: string
    readonly stableAbiSuffix?: string
  }
  /** Module suffixes by kind: "source", "bytecode", "extensions", … */
  readonly suffixes?: Readonly<Record<string, readonly string[]>>
  readonly libpython?: {
    readonly dynamic?: string
    readonly dynamicStableAbi?: string
    readonly static?: string
    readonly linkExtensions?: boolean
  }
  readonly cApi?: { readonly headers: string; readonly pkgconfigPath?: string }
}

/**
 * Reads a build-details.json. Keys that the schema doesn't know are passed over, since later 1.x versions may add some; another
 * major version is refused. Throws `invalid-build-details`.
 */
export function parseBuildDetails(text: string, options: { readonly file?: string } = {}): BuildDetails {
  const { file } = options
  const fail = (key: string, reason: string): never => {
    throw new DenError('invalid-build-details', { ...(file === undefined ? {} : { file }), key, reason })
  }
  const wanted = <Type>(value: Type | undefined, key: string, type: string): Type =>
    value === undefined ? fail(key, `${type} is needed there`) : value

  const object = (value: unknown, key: string): JsonObject | undefined => {
    if (value === undefined) return undefined
    return isJsonObject(value) ? value : fail(key, 'an object is needed there')
  }
  const string = (from: JsonObject, name: string, key: string): string | undefined => {
    const value = from[name]
    if (value === undefined) return undefined
    return typeof value === 'string' ? value : fail(`${key}${name}`, 'a string is needed there')
  }
  const number = (from: JsonObject, name: string, key: string): number => {
    const value = from[name]
    return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
      ? value
      : fail(`${key}${name}`, 'a whole number is needed there')
  }
  const strings = (value: unknown, key: string): readonly string[] =>
    Array.isArray(value) && value.every((item) => typeof item === 'string')
      ? value
      : fail(key, 'a list of strings is needed there')
  const versionInfo = (value: unknown, key: string): VersionInfo | undefined => {
    const from = object(value, key)
    if (from === undefined) return undefined
    const level = from['releaselevel']
    if (level !== 'alpha' && level !== 'beta' && level !== 'candidate' && level !== 'final') {
      return fail(`${key}.releaselevel`, 'alpha, beta, candidate or final is needed there')
    }
    return {
      major: number(from, 'major', `${key}.`),
      minor: number(from, 'minor', `${key}.`),
      micro: number(from, 'micro', `${key}.`),
      level,
      serial: number(from, 'serial', `${key}.`),
    }
  }

  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    fail('the top', `it is no JSON: ${(error as Error).message}`)
  }
  const top = wanted(object(data, 'the top'), 'the top', 'an object')
  const schemaVersion = wanted(string(top, 'schema_version', ''), 'schema_version', 'a string')
  if (!/^1\.\d+$/.test(schemaVersion)) fail('schema_version', `den reads 1.x, this is ${schemaVersion}`)
  const language = wanted(object(top['language'], 'language'), 'language', 'an object')
  const languageInfo = versionInfo(language['version_info'], 'language.version_info')
  const implementation = wanted(object(top['implementation'], 'implementation'), 'implementation', 'an object')
  const abi = object(top['abi'], 'abi')
  const suffixes = object(top['suffixes'], 'suffixes')
  const libpython = object(top['libpython'], 'libpython')
  const linkExtensions = libpython?.['link_extensions']
  if (linkExtensions !== undefined && typeof linkExtensions !== 'boolean') {
    fail('libpython.link_extensions', 'true or false is needed there')
  }
  const cApi = object(top['c_api'], 'c_api')
  // cache_tag is null where no bytecode is cached (PEP 421).
  const cacheTag =
    implementation['cache_tag'] === null ? undefined : string(implementation, 'cache_tag', 'implementation.')

  return defined({
    schemaVersion,
    basePrefix: wanted(string(top, 'base_prefix', ''), 'base_prefix', 'a string'),
    baseInterpreter: string(top, 'base_interpreter', ''),
    platform: wanted(string(top, 'platform', ''), 'platform', 'a string'),
    language: defined({
      version: wanted(string(language, 'version', 'language.'), 'language.version', 'a string'),
      versionInfo: languageInfo,
    }),
    implementation: defined({
      name: wanted(string(implementation, 'name', 'implementation.'), 'implementation.name', 'a string'),
      version: wanted(
        versionInfo(implementation['version'], 'implementation.version'),
        'implementation.version',
        'an object',
      ),
      hexversion: number(implementation, 'hexversion', 'implementation.'),
      cacheTag,
      multiarch: string(implementation, '_multiarch', 'implementation.'),
    }),
    abi:
      abi &&
      defined({
        flags: strings(abi['flags'], 'abi.flags'),
        extensionSuffix: string(abi, 'extension_suffix', 'abi.'),
        stableAbiSuffix: string(abi, 'stable_abi_suffix', 'abi.'),
      }),
    suffixes:
      suffixes &&
      Object.fromEntries(Object.entries(suffixes).map(([kind, value]) => [kind, strings(value, `suffixes.${kind}`)])),
    libpython:
      libpython &&
      defined({
        dynamic: string(libpython, 'dynamic', 'libpython.'),
        dynamicStableAbi: string(libpython, 'dynamic_stableabi', 'libpython.'),
        static: string(libpython, 'static', 'libpython.'),
        linkExtensions: linkExtensions as boolean | undefined, // looked at above
      }),
    cApi:
      cApi &&
      defined({
        headers: wanted(string(cApi, 'headers', 'c_api.'), 'c_api.headers', 'a string'),
        pkgconfigPath: string(cApi, 'pkgconfig_path', 'c_api.'),
      }),
  })
}
