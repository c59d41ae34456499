// What den, pip and uv make of bad archives, measured side by side, and the page that shows it (docs/reference/security-table.md).

import type { ArchiveCase } from './bad-archives.ts'
import { attempt, type Installer, isPlainName, mechanismOf, type Outcome, resetGround } from './bad-archives-run.ts'

export const toolNames = ['den', 'pip', 'uv'] as const
export type ToolName = (typeof toolNames)[number]

/** What a tool did with an archive, in the words of the table: "refused", "installed, replaces bin/python". */
export type Words = Readonly<Record<ToolName, string>>

export interface MeasuredCase {
  readonly one: ArchiveCase
  readonly words: Words
}

export interface Versions {
  readonly pip: string
  readonly uv: string
  readonly python: string
}

/** Has a tool try all the cases, both ways. */
export async function measure(installer: Installer, cases: readonly ArchiveCase[]): Promise<readonly string[]> {
  const answers: string[] = []
  for (const one of cases) {
    const http = await tried(installer, one, 'http')
    const file = isPlainName(one.filename) ? await tried(installer, one, 'file') : http
    answers.push(file === http ? file : `${file}; over HTTP ${http}`)
  }
  return answers
}

async function tried(installer: Installer, one: ArchiveCase, way: 'file' | 'http'): Promise<string> {
  const outcome = await attempt(installer, one, way)
  if (outcome.verdict !== 'refused' || outcome.residue.length > 0) resetGround(installer)
  return wordsOf(outcome)
}

function wordsOf({ verdict, outside, replaced, residue }: Outcome): string {
  const left =
    verdict === 'installed'
      ? []
      : residue.filter((name) => !outside.includes(name)).map((name) => name.replace(/^.*?\.venv\//, ''))
  const notes = [
    ...(replaced.length > 0 ? [`replaces ${few(replaced)}`] : []),
    ...(outside.length > 0 ? [`writes ${few(outside)}`] : []),
    ...(left.length > 0 ? [`leaves ${few(left)}`] : []),
  ]
  return [verdict === 'crashed' ? 'fails with a traceback' : verdict, ...notes].join(', ')
}

function few(names: readonly string[]): string {
  const shown = [...names]
    .sort((a, b) => a.split('/').length - b.split('/').length)
    .slice(0, 2)
    .map((name) => `\`${name}\``)
  return names.length > 2 ? `${shown.join(', ')} and ${names.length - 2} more` : shown.join(', ')
}

/** Refused and nothing left; of an honest one: installed. */
export const isRight = ({ verdict }: ArchiveCase, words: string): boolean =>
  words === (verdict === 'accept' ? 'installed' : 'refused')

/** The page. */
export function securityPage(measured: readonly MeasuredCase[], { pip, uv, python }: Versions): string {
  const groups = [...Map.groupBy(measured, ({ one }) => mechanismOf(one))]
  const hostile = measured.filter(({ one }) => one.verdict === 'refuse')
  const honest = measured.filter(({ one }) => one.verdict === 'accept')
  const score = (cases: readonly MeasuredCase[], tool: ToolName): string =>
    `${cases.filter(({ one, words }) => isRight(one, words[tool])).length} of ${cases.length}`
  const row = (title: string, cases: readonly MeasuredCase[]): readonly string[] => [
    title,
    ...toolNames.map((tool) => score(cases, tool)),
  ]
  const overview = table(
    ['', ...toolNames],
    [
      row('**hostile: refused, and nothing left**', hostile),
      row('**honest: installed**', honest),
      ...groups.map(([title, cases]) => row(title, cases)),
    ],
  )
  const sections = groups.map(([title, cases]) => {
    const rows = cases.map(({ one, words }) => [
      shownName(one.name),
      ...toolNames.map((tool) => (isRight(one, words[tool]) ? words[tool] : `**${words[tool]}**`)),
    ])
    return `## ${title}\n\n${table(['archive', ...toolNames], rows)}`
  })
  const text = [
    '# What installers make of bad archives',
    '<!-- Made by scripts/security-table.ts; change tests/kit/bad-archives*.ts, not this page. -->',
    `Each archive of \`tests/kit/bad-archives.ts\` was given to \`den pip install\`, pip ${pip} and uv ${uv} for ${python} on Linux, as a file and from an index over HTTP. Hostile ones should be refused with the environment, the directories around it, temporary directories and stores as they were; honest ones, which only look odd, should be installed. Where the two ways differ both verdicts are given; what is not right is in **bold**. A verdict of pip or uv is no judgement of them: some of these archives do no harm where zip files are read by one reader only. \`tests/e2e/security-archives.test.ts\` holds den to its column, and \`tests/e2e/peers/security.test.ts\` measures all three again.`,
    overview,
    ...sections,
  ]
  return `${text.join('\n\n')}\n`
}

/** A case as its row begins. */
export function shownName(name: string): string {
  const text = name.replace(/[\0-\x1f\x7f]/g, (sign) => `\\x${sign.charCodeAt(0).toString(16).padStart(2, '0')}`)
  return text.replaceAll('|', '\\|').replace(/([*_<>$`~])/g, '\\$1')
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}
