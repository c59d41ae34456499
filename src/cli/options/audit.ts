// den audit.

import { environmentName, everyCommand, offline } from './common.ts'
import type { Command, Option } from './option.ts'

const since = '0.1.0'

export const auditPython: Option<string> = {
  name: 'python',
  short: 'p',
  kind: 'text',
  value: 'ENV',
  completes: 'environment',
  fallback: 'the active environment, else the nearest .venv',
  help: 'The environment to look at: its directory, its name, or an interpreter',
  excludes: 'subject',
  since,
}

export const auditFiles: Option<readonly string[]> = {
  name: 'requirement',
  short: 'r',
  kind: 'list',
  value: 'FILE',
  completes: 'file',
  help: 'Look at what a requirements.txt or pylock.toml names instead; may be repeated',
  excludes: 'subject',
  since,
}

export const auditSource: Option<readonly string[]> = {
  name: 'source',
  aliases: ['osv-file'],
  kind: 'list',
  value: 'WHERE',
  variable: 'DEN_AUDIT_SOURCE',
  completes: 'file',
  fallback: 'osv',
  help: 'Where to learn what is bad: osv (osv.dev), index, an address, or a file, directory or zip file of OSV records',
  since,
}

export const auditIgnore: Option<readonly string[]> = {
  name: 'ignore',
  kind: 'list',
  value: 'ID[=REASON]',
  help: 'Let a vulnerability pass, by any of its names; [tool.den.audit] lists them for a project',
  since,
}

export const auditProvenance: Option<boolean> = {
  name: 'provenance',
  kind: 'flag',
  help: 'Also verify who published each release (PEP 740), and that no step back was made',
  since,
}

export const auditCommand: Command = {
  name: 'audit',
  group: 'environments',
  summary: 'Look up what is installed among known vulnerabilities and malware',
  about: [
    'Ends with 1 when something is found. The service is told the names and versions that are looked up; with --source FILE nobody is.',
    'Packages installed from a directory are passed over: databases know nothing of them, and their names are nobody’s business.',
  ],
  examples: [
    { line: 'den audit', says: 'the environment of this project' },
    { line: 'den audit -r pylock.toml --json', says: 'a lock file, for a program to read' },
    { line: 'den audit --source all.zip --offline', says: 'against records on this machine' },
    { line: 'den audit --provenance', says: 'and who published what is installed' },
  ],
  operands: [],
  options: [
    auditPython,
    environmentName,
    auditFiles,
    auditSource,
    auditIgnore,
    auditProvenance,
    offline,
    ...everyCommand,
  ],
  schema: 1,
  since,
  load: () => import('../handlers/audit.ts'),
}
