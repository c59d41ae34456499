// The texts that packages, indexes and projects are made of, changed at random from a seed: bytes, lines, fields, lengths. Each is given to
// the reader that den gives it to; what it answers is a value or a DenError, soon, and the same the second time.

import path from 'node:path'
import { diagnose, isDenError } from '../../src/base/error.ts'
import { tryParseUrl } from '../../src/base/safe-url.ts'
import { parseMailMessage } from '../../src/format/mail-headers.ts'
import { encodePage } from '../../src/indexes/page-encode.ts'
import { openNotes } from '../../src/indexes/page-notes.ts'
import { readHead, sealHead } from '../../src/indexes/page-record.ts'
import { projectOfPage } from '../../src/indexes/project-files.ts'
import { addRequirements, removeRequirements } from '../../src/project/edit-manifest.ts'
import { parseManifest } from '../../src/project/read-manifest.ts'
import { parseDependencyGroups, resolveDependencyGroup } from '../../src/spec/dependency-groups.ts'
import { parseDirectUrl } from '../../src/spec/direct-url.ts'
import { parseEntryPoints, scriptEntryPoints } from '../../src/spec/entry-points.ts'
import { impliedRequiresPython, simplifyMarker } from '../../src/spec/marker-algebra.ts'
import { parseMetadata } from '../../src/spec/metadata.ts'
import { metadataJson } from '../../src/spec/metadata-json.ts'
import { normalizeName } from '../../src/spec/name.ts'
import { parsePylock } from '../../src/spec/pylock.ts'
import { parsePyproject, readProjectTable } from '../../src/spec/pyproject.ts'
import { parseRecord } from '../../src/spec/record.ts'
import { parseRequirement } from '../../src/spec/requirement.ts'
import { parseRequirementsTextSync, type RequirementsContext } from '../../src/spec/requirements-txt.ts'
import { findScriptMetadata } from '../../src/spec/script-metadata.ts'
import { type IndexPage, parseIndexHtml, parseIndexJson } from '../../src/spec/simple-index.ts'
import { mutate } from './mutate.ts'
import { randomFrom } from './random.ts'

interface Format {
  readonly seeds: readonly string[]
  readonly read: (bytes: Uint8Array) => unknown
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)
const url = tryParseUrl('https://pkg.example.org/simple/app/')!
const name = normalizeName('app')

/** A page goes through the form it is cached in, as it does in den. */
function throughCache(page: IndexPage): unknown {
  const encoded = encodePage(name, page)
  const facts = { fetchedAt: 0, freshUntil: 0 }
  const head = readHead(sealHead(encoded, facts))
  if (head === undefined) throw new Error('a page that was just written cannot be read')
  const readFiles = (start: number, length: number): Uint8Array => encoded.files.subarray(start, start + length)
  const damaged = (): void => {
    throw new Error('a page that was just written is called damaged')
  }
  const files = projectOfPage({ head, notes: openNotes(new Uint8Array()), readFiles }, { name, index: url, damaged })
  return [...files.versions.keys()].map(String)
}

const context: RequirementsContext = {
  directory: '/here',
  path: path.posix,
  look: () => undefined,
  variable: () => undefined,
}

const metadata = `Metadata-Version: 2.4
Name: app
Version: 1.0.post1+local.2
Summary: A thing
Requires-Python: >=3.8,!=3.9.*
Requires-Dist: base[one,two]>=1.0,<2 ; python_version >= "3.8" and (sys_platform == "linux" or extra == 'more')
Requires-Dist: other @ https://pkg.example.org/other-1.0.tar.gz#sha256=${'a'.repeat(64)} ; extra == "web"
Provides-Extra: more
Provides-Extra: web
License-Expression: MIT OR (Apache-2.0 AND BSD-3-Clause)
Classifier: Private :: Do Not Upload
Dynamic: License
Description-Content-Type: text/markdown; charset=UTF-8

# app

Some words – of “all” kinds.
`

const page = JSON.stringify({
  meta: { 'api-version': '1.4' },
  name: 'app',
  versions: ['1.0', '2.0rc1'],
  'project-status': { status: 'active', reason: 'x' },
  files: [
    {
      filename: 'app-1.0-py3-none-any.whl',
      url: 'https://files.example.org/app-1.0-py3-none-any.whl',
      hashes: { sha256: 'a'.repeat(64) },
      'requires-python': '>=3.8',
      size: 12345,
      'upload-time': '2026-01-02T03:04:05.678901Z',
      yanked: 'broken',
      'core-metadata': { sha256: 'b'.repeat(64) },
      provenance: null,
    },
    { filename: 'app-2.0rc1.tar.gz', url: '../../f/app-2.0rc1.tar.gz', hashes: {}, yanked: false },
  ],
})

const html = `<!DOCTYPE html>
<html><head><meta name="pypi:repository-version" content="1.4"><base href="/x/"><title>Links</title></head><body>
<a href="../../f/app-1.0-py3-none-any.whl#sha256=${'c'.repeat(64)}" data-requires-python="&gt;=3.8" data-core-metadata="sha256=${'d'.repeat(64)}">app-1.0-py3-none-any.whl</a><br/>
<!-- <a href="hidden">hidden</a> -->
<A HREF='app-1.1.tar.gz' data-yanked="why &quot;not&quot;">app-1.1.tar.gz</A>
</body></html>`

const requirements = `# what we need
-r other.txt
--index-url https://pkg.example.org/simple
--find-links ./wheels
app[one]==1.0 ; python_version < "3.13" \\
    --hash=sha256:${'e'.repeat(64)} --hash=sha512:${'f'.repeat(128)}
-e git+https://git.example.org/repo.git@v1.0#egg=thing&subdirectory=sub
other @ file:///srv/\${NAME}/other-1.0.zip  # a comment
--no-binary :all:
./local[extra]
`

const pylock = `lock-version = "1.0"
environments = ["sys_platform == 'linux'"]
requires-python = ">=3.9"
extras = ["web"]
created-by = "kit"
[[packages]]
name = "app"
version = "1.0"
marker = "python_version >= '3.9'"
dependencies = [{ name = "base", version = "2.0" }]
[[packages.wheels]]
name = "app-1.0-py3-none-any.whl"
url = "https://files.example.org/app-1.0-py3-none-any.whl"
upload-time = 2026-01-02T03:04:05Z
size = 1234
hashes = { sha256 = "${'a'.repeat(64)}" }
[[packages]]
name = "base"
[packages.vcs]
type = "git"
url = "https://git.example.org/base"
commit-id = "${'b'.repeat(40)}"
`

const pyproject = `[build-system]
requires = ["setuptools>=61", "wheel; python_version < '3.12'"]
build-backend = "backend:api.build"
backend-path = ["tools", "."]
[project]
name = "app"
version = "1.0"
dependencies = ["base>=1", 'other[x] ; extra == "y"']
optional-dependencies.web = ["web~=2.1"]
[project.scripts]
app = "app.cli:main"
[dependency-groups]
test = ["pytest>=8", { include-group = "base" }]
base = ["coverage[toml]"]
[tool.den]
minimum-age = "3d"
numbers = [1, 0x1f, 1e6, inf, 1979-05-27T07:32:00Z]
`

const manifests: readonly string[] = [
  `[project]
name = "app"
version = "1.0"
requires-python = ">=3.10,<4"
dependencies = [
    "base[x]>=1,<2",  # why
    "other; python_version < '3.12'",
]
[project.optional-dependencies]
web = ["app[more]", "flask"]
more = ["rich"]
[dependency-groups]
dev = ["pytest", { include-group = "docs" }]
docs = ["sphinx"]
[tool.uv]
dev-dependencies = ["black"]
default-groups = ["dev"]
environments = ["sys_platform == 'linux'"]
conflicts = [[{ extra = "web" }, { group = "docs" }]]
exclude-newer = "2026-01-31"
prerelease = "allow"
no-binary-package = ["base"]
constraint-dependencies = ["idna<4"]
[[tool.uv.index]]
name = "inner"
url = "https://pkg.example.org/simple"
explicit = true
[tool.uv.sources]
base = { index = "inner", marker = "sys_platform == 'linux'" }
other = [{ git = "https://git.example.org/o", tag = "v1" }, { path = "../o", editable = true }]
[tool.den]
exclude-newer = "2 weeks"
resolution = "lowest-direct"
`,
  `[tool.poetry]
name = "app"
version = "1.0"
[tool.poetry.dependencies]
python = "~2.7 || ^3.9"
base = { version = "^1.2", extras = ["x"], python = "<3.12", platform = "linux || darwin", optional = true }
many = [{ version = "1.*", markers = "os_name == 'nt'" }, { git = "https://git.example.org/m", branch = "main" }]
local = { path = "../local", develop = true }
[tool.poetry.extras]
all = ["base"]
[tool.poetry.group.dev]
optional = true
include-groups = ["docs"]
[tool.poetry.group.dev.dependencies]
pytest = "*"
[tool.poetry.group.docs.dependencies]
sphinx = ">=7 <9"
[[tool.poetry.source]]
name = "inner"
url = "https://pkg.example.org/simple"
priority = "supplemental"
`,
  `[project]
name = "app"
dynamic = ["version"]
[tool.pdm]
distribution = false
[tool.pdm.dev-dependencies]
test = ["pytest>=8", "-e file:///\${PROJECT_ROOT}/sub#egg=sub"]
[tool.pdm.resolution.overrides]
base = "1.2"
[[tool.pdm.source]]
name = "pypi"
url = "https://pkg.example.org/simple"
`,
]

const newOnes = [parseRequirement('middle>=2'), parseRequirement('base>=3')]

/** A manifest is read with all that depends on it, and changed; what comes out is a manifest again. */
function readAndChange(source: string): unknown {
  const surroundings = { file: '/p/pyproject.toml', directory: '/p', now: 0 }
  const manifest = parseManifest(source, surroundings)
  for (const group of manifest.groups.groups.keys()) resolveDependencyGroup(manifest.groups, group)
  const place = { kind: 'group', group: 'dev' } as const
  const { text: changed } = addRequirements(source, { place, requirements: newOnes })
  const again = parseManifest(changed, surroundings)
  const names = resolveDependencyGroup(again.groups, 'dev').map((one) => one.name)
  if (!newOnes.every((one) => names.includes(one.name))) throw new Error(`what was added is not there: ${changed}`)
  parseManifest(removeRequirements(changed, { place, names: newOnes.map((one) => one.name) }).text, surroundings)
  return [manifest.settings, manifest.dependencies.length]
}

const script = `#!/usr/bin/env python
# /// script
# requires-python = ">=3.11"
# dependencies = ["app<2", "rich"]
# ///
print("x")
`

export const formats: Readonly<Record<string, Format>> = {
  METADATA: {
    seeds: [metadata, metadata.replace('2.4', '1.0').replaceAll('\n', '\r\n')],
    read: (bytes) => {
      const found = parseMetadata(text(bytes))
      for (const line of found.requiresDist) {
        const { marker } = parseRequirement(line)
        if (marker !== undefined) [simplifyMarker(marker), impliedRequiresPython(marker)]
      }
      return metadataJson(parseMailMessage(text(bytes)))
    },
  },
  'page of JSON': { seeds: [page], read: (bytes) => throughCache(parseIndexJson(text(bytes), { url: url.href })) },
  'page of HTML': { seeds: [html], read: (bytes) => throughCache(parseIndexHtml(text(bytes), { url: url.href })) },
  'requirements.txt': {
    seeds: [requirements],
    read: (bytes) =>
      parseRequirementsTextSync('/here/r.txt', context, ({ place }) => (place === '/here/r.txt' ? bytes : undefined)),
  },
  'pylock.toml': { seeds: [pylock], read: (bytes) => parsePylock(text(bytes)) },
  'pyproject.toml': {
    seeds: [pyproject],
    read: (bytes) => {
      const { document } = parsePyproject(text(bytes))
      const groups = parseDependencyGroups(document)
      for (const group of groups.groups.keys()) resolveDependencyGroup(groups, group)
      return readProjectTable(document)
    },
  },
  manifest: { seeds: manifests, read: (bytes) => readAndChange(text(bytes)) },
  RECORD: {
    seeds: [
      `app/__init__.py,sha256=${'A'.repeat(43)},12\n"a,b.py",sha256=${'B'.repeat(43)},0\napp-1.0.dist-info/RECORD,,\n`,
    ],
    read: (bytes) => parseRecord(text(bytes)),
  },
  'entry_points.txt': {
    seeds: [
      '[console_scripts]\napp = app.cli:main [extra]\n\n[gui_scripts]\ngui=app:gui.run\n# words\n[other]\nx = y\n',
    ],
    read: (bytes) => scriptEntryPoints(parseEntryPoints(text(bytes))),
  },
  'direct_url.json': {
    seeds: [
      '{"url": "https://pkg.example.org/a-1.0.zip", "archive_info": {"hashes": {"sha256": "00"}}, "subdirectory": "x"}',
      '{"url": "https://git.example.org/r", "vcs_info": {"vcs": "git", "requested_revision": "v1", "commit_id": "ab"}}',
      '{"url": "file:///srv/x", "dir_info": {"editable": true}}',
    ],
    read: (bytes) => parseDirectUrl(text(bytes)),
  },
  'script metadata': { seeds: [script], read: (bytes) => findScriptMetadata(text(bytes)) },
}

/** Words that have broken readers. */
const odd: readonly string[] = [
  ...[
    '',
    '\0',
    '\n',
    '\r',
    '\u2028',
    '\ufeff',
    '\ud800',
    '\x1b[2J',
    '"',
    "'",
    '\\',
    '%',
    '%00',
    '${X}',
    '#',
    ';',
    ',',
    '=',
    ' @ ',
  ],
  ...[
    '-1',
    '0',
    '007',
    '1e309',
    '9'.repeat(400),
    '0x',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '[[]]',
    '1.0.0.0.0.0.0.0.0',
    '1!2',
    '*',
  ],
  ...[
    '../../x',
    '/etc/passwd',
    'file:///etc/passwd',
    'C:\\x',
    '\\\\host\\x',
    'ext::sh -c x',
    '-rf',
    '--index-url=x',
    'http://[::1',
    'http://u:p@h:99999/',
  ],
  ...[
    '('.repeat(3000),
    '['.repeat(3000),
    '{'.repeat(3000),
    '<'.repeat(3000),
    '&'.repeat(3000),
    '"""',
    "'''",
    'a.'.repeat(3000),
    ' '.repeat(20_000),
  ],
  ...[
    'not '.repeat(500),
    'x or '.repeat(500),
    `${'('.repeat(5000)}python_version>"3"${')'.repeat(5000)}`,
    `${'>=1,'.repeat(3000)}<2`,
    'é'.repeat(1000),
  ],
  ...[
    'constructor',
    '__proto__',
    'toString',
    'hasOwnProperty',
    'app[',
    'app]',
    'app>=',
    'python_version',
    'extra == "x"',
  ],
]

function change(seed: string, random: () => number): Uint8Array {
  const below = (limit: number): number => Math.floor(random() * limit)
  const one = <Item>(items: readonly Item[]): Item => items[below(items.length)]!
  const encode = (changed: string): Uint8Array => new TextEncoder().encode(changed)
  let current = seed
  for (let count = 1 + below(3); count > 0; count -= 1) {
    const lines = current.split('\n')
    const words = current.split(/(\s+|[,;=:"'[\](){}<>@])/)
    switch (below(7)) {
      case 0:
        return mutate(encode(current), random)
      case 1:
        lines.splice(below(lines.length), 1)
        current = lines.join('\n')
        break
      case 2:
        lines.splice(below(lines.length), 0, one(lines))
        current = lines.join('\n')
        break
      case 3:
        words[below(words.length)] = one(odd)
        current = words.join('')
        break
      case 4:
        words[below(words.length)] += one(odd)
        current = words.join('')
        break
      case 5:
        words[below(words.length)] = one(words)
        current = words.join('')
        break
      default: {
        const at = below(current.length)
        const piece = current.slice(at, at + below(80))
        current = current.slice(0, at) + piece.repeat(below(200)) + current.slice(at)
      }
    }
    if (current.length > 400_000) current = current.slice(0, 400_000)
  }
  return encode(current)
}

export interface TextMutationCount {
  readonly accepted: number
  readonly refused: number
  /** In milliseconds. */
  readonly slowest: number
  readonly slowestCase: string
  /** What the resident memory grew by at most, in MiB. */
  readonly grown: number
}

/** Gives each format its share of `count` mutated texts. Throws at the first that is neither taken nor refused, or not twice the same. */
export function runTextMutations(count: number, seed: number): TextMutationCount {
  const names = Object.keys(formats)
  const random = randomFrom(seed)
  const before = process.memoryUsage.rss()
  let [accepted, refused, slowest, most] = [0, 0, 0, before]
  let slowestCase = ''
  for (let index = 0; index < count; index += 1) {
    const format = names[index % names.length]!
    const { seeds, read } = formats[format]!
    const bytes = change(seeds[Math.floor(random() * seeds.length)]!, random)
    const started = performance.now()
    const verdict = verdictOf(read, bytes)
    const taken = performance.now() - started
    if (taken > slowest) [slowest, slowestCase] = [taken, `${format}, mutation ${index}`]
    if (verdict.startsWith('fault')) throw new Error(`${format}, mutation ${index} of seed ${seed}: ${verdict}`)
    if (index % 10 === 0 && verdictOf(read, bytes) !== verdict)
      throw new Error(`${format}, mutation ${index} of seed ${seed}: ${verdict}, and then another verdict`)
    if (verdict === 'accepted') accepted += 1
    else refused += 1
    most = Math.max(most, process.memoryUsage.rss())
  }
  return { accepted, refused, slowest, slowestCase, grown: Math.round((most - before) / 2 ** 20) }
}

function verdictOf(read: Format['read'], bytes: Uint8Array): string {
  try {
    read(bytes)
    return 'accepted'
  } catch (error) {
    if (!isDenError(error)) return `fault: ${error instanceof Error ? error.stack : error}`
    const { what, why = '' } = diagnose(error)
    // A refusal can be shown: it has words, and no text of a stranger steers the terminal through it.
    return what === '' || why.length > 20_000 ? `fault: ${what} ${why.length}` : error.code
  }
}
