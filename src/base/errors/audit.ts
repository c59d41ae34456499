// Known vulnerabilities, attestations, and the policy that a project sets.

import type { ErrorTexts } from './text.ts'

export interface AuditErrorDetails {
  'audit-source-missing': { readonly place: string }
  'audit-offline': { readonly source: string }
  'invalid-osv': { readonly place: string; readonly reason: string }
  /** The index was asked for vulnerabilities, and has no such page. */
  'audit-unanswered': { readonly index: string; readonly project: string; readonly version: string }
  'audit-unpinned': { readonly requirement: string; readonly file: string; readonly line: number }
  'invalid-provenance': { readonly file: string; readonly reason: string }
  /** The signature does not hold, or is about something else. */
  'attestation-refused': { readonly file: string; readonly reason: string }
  'attestation-missing': { readonly file: string; readonly wanted: string }
  'publisher-mismatch': { readonly file: string; readonly wanted: string; readonly found: string }
  /** Earlier releases were signed; this one isn't, or by somebody else. */
  'provenance-lost': { readonly file: string; readonly before: string; readonly found?: string }
  'invalid-policy': { readonly file: string; readonly key: string; readonly reason: string }
}

const policyFix = (publisher: string): string =>
  `name it in [tool.den.attestations]: PROJECT = ${JSON.stringify(publisher)}`

export const auditErrors: ErrorTexts<AuditErrorDetails> = {
  'audit-source-missing': {
    what: ({ place }) => `there is no vulnerability data at ${place}`,
    fix: () => [
      'name a JSON record, a directory of them, or a zip file: den audit --source FILE',
      'ask the service: den audit --source osv',
    ],
  },
  'audit-offline': {
    what: ({ source }) => `${source} was not asked what is known to be bad: den is offline`,
    fix: () => [
      'take the records from this machine: den audit --source FILE (a record, a directory or a zip file of them)',
      'leave out --offline, or unset DEN_OFFLINE',
    ],
  },
  'invalid-osv': {
    what: ({ place }) => `${place} holds no vulnerability data that den can read`,
    why: ({ reason }) => reason,
  },
  'audit-unanswered': {
    what: ({ index, project, version }) => `${index} tells nothing of the vulnerabilities of ${project} ${version}`,
    why: () => 'it has no page for this release, or none with vulnerabilities',
    fix: () => ['ask the service instead: den audit --source osv', 'take a file: den audit --source FILE'],
  },
  'audit-unpinned': {
    what: ({ requirement, file, line }) =>
      `${requirement} (${file}:${line}) names no one version that could be looked up`,
    fix: ({ file }) => [
      `write the versions down first: den pip lock -r ${file}, then den audit -r pylock.toml`,
      'audit the environment it is installed in: den audit',
    ],
  },
  'invalid-provenance': {
    what: ({ file }) => `the attestations of ${file} cannot be read`,
    why: ({ reason }) => reason,
  },
  'attestation-refused': {
    what: ({ file }) => `an attestation of ${file} does not hold`,
    why: ({ reason }) => reason,
    fix: () => ['do not use the file', 'tell the project’s and the index’s maintainers'],
  },
  'attestation-missing': {
    what: ({ file }) => `${file} has no attestation`,
    why: ({ wanted }) => `the policy wants one of ${wanted}`,
    fix: () => ['take a release that has one', 'leave the project out of [tool.den.attestations]'],
  },
  'publisher-mismatch': {
    what: ({ file, found }) => `${file} was published by ${found}`,
    why: ({ wanted }) => `the policy wants ${wanted}`,
    fix: ({ found }) => [`if the project has moved, ${policyFix(found.split(', ')[0]!)}`],
  },
  'provenance-lost': {
    what: ({ file, found }) =>
      found === undefined
        ? `${file} is not signed, and earlier releases are`
        : `${file} was published by ${found}, and earlier releases were not`,
    why: ({ before }) => `earlier releases come from ${before}; whoever steals an upload token cannot sign as them`,
    fix: ({ found }) => [
      'stay with the earlier release until the project’s maintainers have said why',
      ...(found === undefined ? [] : [`if it has moved, ${policyFix(found.split(', ')[0]!)}`]),
    ],
  },
  'invalid-policy': {
    what: ({ file, key }) => `${key} in ${file} is nothing den can use`,
    why: ({ reason }) => reason,
  },
}
