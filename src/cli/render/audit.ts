// How an audit speaks: a table of what was found, the command that mends it, then what was let pass and why.

import type { AuditResult } from '../../commands/audit.ts'
import type { Finding } from '../../engine/audit.ts'
import type { ProvenanceReport } from '../../engine/audit-provenance.ts'
import { type Here, short } from './environments.ts'
import { type Style, visible } from './style.ts'
import { displayWidth, renderTable } from './table.ts'

type Place = Here & { readonly columns: number }

/** The whole report. Ends without a newline. */
export function renderAudit(result: AuditResult, style: Style, here: Place): string {
  const { findings, ignored, undecided, skipped, provenance } = result
  const parts = [headline(result, style, here)]
  if (findings.length > 0) parts.push(renderFindings(findings, style, here))
  parts.push(...renderFixes(result, style, here))
  if (provenance !== undefined) parts.push(renderProvenance(provenance, style))
  if (ignored.length > 0) {
    const lines = ignored.map(({ name, version, id, reason }) => {
      const because = reason === undefined ? style.dim('no reason given') : visible(reason)
      return `  ${name} ${visible(version)}  ${visible(id)}  ${because}`
    })
    parts.push([style.bold(`ignored: ${ignored.length}`), ...lines].join('\n'))
  }
  if (undecided.length > 0) {
    const lines = undecided.map(
      ({ name, version, id, reason }) => `  ${name} ${visible(version)}  ${visible(id)}  ${visible(reason)}`,
    )
    parts.push([style.bold(`cannot be told: ${undecided.length}`), ...lines].join('\n'))
  }
  if (skipped.length > 0) {
    const names = skipped.map(({ name, reason }) => `  ${visible(name)}  ${style.dim(reason)}`)
    parts.push([style.dim(`not looked up: ${skipped.length}`), ...names].join('\n'))
  }
  return parts.join('\n\n')
}

function headline({ findings, checked, environment, files, sources }: AuditResult, style: Style, here: Here): string {
  const where = files === undefined ? short(environment ?? '', here) : files.map((file) => short(file, here)).join(', ')
  const looked = `${checked} ${checked === 1 ? 'release' : 'releases'} of ${visible(where)}`
  const by = style.dim(`  by ${sources.map(visible).join(', ')}`)
  if (findings.length === 0) return `${style.green('nothing known')} against ${looked}${by}`
  const packages = new Set(findings.map(({ name }) => name)).size
  const malware = findings.filter((one) => one.malware).length
  const bad = malware === 0 ? '' : `, ${malware} of them malware`
  const count = `${findings.length} known ${findings.length === 1 ? 'vulnerability' : 'vulnerabilities'}${bad}`
  return `${style.red(count)} in ${packages} of ${looked}${by}`
}

const colors = { critical: 'red', high: 'red', medium: 'yellow', low: 'cyan', none: 'dim' } as const

function renderFindings(findings: readonly Finding[], style: Style, here: Place): string {
  const rows = findings.map((finding) => {
    const { name, version, id, malware, severity, score, fixed } = finding
    const grade =
      severity === undefined
        ? style.dim('?')
        : style[colors[severity]](`${severity}${score === undefined ? '' : ` ${score.toFixed(1)}`}`)
    return [
      style.bold(name),
      visible(version),
      visible(id),
      malware ? style.red('MALWARE') : grade,
      malware ? 'remove it' : fixed.length === 0 ? style.dim('no fix known') : visible(fixed[0]!),
    ]
  })
  const table = renderTable([['package', 'version', 'id', 'severity', 'fixed in'].map(style.dim), ...rows])
  const lines = table.split('\n')
  return [
    lines[0]!,
    ...findings.flatMap((finding, index) => {
      const from = finding.from === undefined ? [] : [visible(short(finding.from, here))]
      const cve = finding.aliases.find((alias) => alias.startsWith('CVE-'))
      const words = [
        ...from,
        ...(cve === undefined ? [] : [visible(cve)]),
        visible(finding.summary ?? finding.url ?? ''),
      ]
      const detail = words.filter((word) => word !== '').join(' · ')
      return [lines[index + 1]!, ...(detail === '' ? [] : [style.dim(`    ${cut(detail, here.columns - 4)}`)])]
    }),
  ].join('\n')
}

/** In one line: advisories run to pages, and their address is in the JSON. */
function cut(text: string, width: number): string {
  const line = text.replaceAll(/\s+/g, ' ')
  if (displayWidth(line) <= width) return line
  let kept = ''
  for (const character of line) {
    if (displayWidth(kept + character) > width - 1) break
    kept += character
  }
  return `${kept.trimEnd()}…`
}

function renderFixes(
  { findings, upgrades, command, removal, files }: AuditResult,
  style: Style,
  here: Here,
): readonly string[] {
  const parts: string[] = []
  if (removal !== undefined) {
    const advice = 'and take every password and token that it could read for known to others'
    parts.push(`${style.bold('fix:')} ${visible(removal)}\n     ${advice}`)
  }
  if (command !== undefined) parts.push(`${style.bold('fix:')} ${visible(command)}`)
  else if (files !== undefined && upgrades.length > 0) {
    const lines = upgrades.map(({ name, version, to, from }) => {
      const where = from === undefined ? '' : `  ${style.dim(visible(short(from, here)))}`
      return `     ${name}==${visible(version)} → ${name}==${visible(to)}${where}`
    })
    parts.push([`${style.bold('fix:')} write these versions instead`, ...lines].join('\n'))
  }
  const leaves = upgrades.flatMap(({ name, to, leaves: ids }) =>
    ids.length === 0 ? [] : [`${name} ${visible(to)} still has ${ids.map(visible).join(', ')}`],
  )
  const hopeless = findings.filter(
    ({ name, malware, fixed }) => !malware && fixed.length === 0 && !upgrades.some((one) => one.name === name),
  )
  const names = [...new Set(hopeless.map(({ name }) => name))]
  if (names.length > 0) leaves.push(`no release without it is known of ${names.join(', ')}`)
  if (leaves.length > 0) parts.push(leaves.map((line) => style.yellow(line)).join('\n'))
  return parts
}

function renderProvenance(reports: readonly ProvenanceReport[], style: Style): string {
  const words = {
    verified: style.green('signed'),
    unsigned: style.dim('no attestation'),
    refused: style.red('refused'),
    absent: style.dim('not on the index'),
  }
  const rows = reports.map(({ name, version, status, problem, publishers, signed, assumed, file }) => [
    style.bold(name),
    visible(version),
    problem === undefined ? words[status] : style.red(status === 'verified' ? 'refused' : status),
    publishers.map(visible).join(', '),
    signed === undefined ? '' : style.dim(new Date(signed).toISOString().slice(0, 10)),
    assumed && file !== undefined ? style.dim(`taken for ${visible(file)}`) : '',
  ])
  const problems = reports.flatMap(({ problem }) => {
    if (problem === undefined) return []
    const { code, what, why, fix } = problem
    return [
      `${style.red(`error[${code}]`)}: ${visible(what)}`,
      ...(why === undefined ? [] : [`     why: ${visible(why)}`]),
      ...fix.map((line, index) => `     ${index === 0 ? 'fix:' : '    '} ${visible(line)}`),
    ]
  })
  const notices = reports.flatMap(({ notice, passed, name }) => [
    ...(notice === undefined ? [] : [style.yellow(visible(notice))]),
    ...passed.map((text) => style.dim(`${name}: ${visible(text)}`)),
  ])
  const verified = reports.filter(({ status }) => status === 'verified').length
  const head = style.bold(`published by: ${verified} of ${reports.length} signed`)
  return [head, renderTable(rows, '  '), ...notices, ...problems].join('\n')
}
