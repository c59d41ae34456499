// Every error code with its words: the union of the parts, one part an area. docs/reference/errors.md is made from it.

import { type AuditErrorDetails, auditErrors } from './audit.ts'
import { type BuildErrorDetails, buildErrors } from './build.ts'
import { type ChangeErrorDetails, changeErrors } from './change.ts'
import { type CliErrorDetails, cliErrors } from './cli.ts'
import { type EnvErrorDetails, envErrors } from './env.ts'
import { type HostErrorDetails, hostErrors } from './host.ts'
import { type IndexesErrorDetails, indexesErrors } from './indexes.ts'
import { type InstallErrorDetails, installErrors } from './install.ts'
import { type NetErrorDetails, netErrors } from './net.ts'
import { type PackagesErrorDetails, packagesErrors } from './packages.ts'
import { type ProjectErrorDetails, projectErrors } from './project.ts'
import { type PythonErrorDetails, pythonErrors } from './python.ts'
import { type ResolveErrorDetails, resolveErrors } from './resolve.ts'
import { type SpecErrorDetails, specErrors } from './spec.ts'
import { type SyncErrorDetails, syncErrors } from './sync.ts'
import type { ErrorText } from './text.ts'

export type ErrorDetails = HostErrorDetails &
  SpecErrorDetails &
  PythonErrorDetails &
  EnvErrorDetails &
  InstallErrorDetails &
  NetErrorDetails &
  IndexesErrorDetails &
  ResolveErrorDetails &
  BuildErrorDetails &
  PackagesErrorDetails &
  AuditErrorDetails &
  ProjectErrorDetails &
  SyncErrorDetails &
  ChangeErrorDetails &
  CliErrorDetails

export type ErrorCode = keyof ErrorDetails

// `code` types `detail` at the throw site; reading the table back by a code of unknown kind needs this one wider view.
export const catalogue: { readonly [Code in ErrorCode]: ErrorText<never> & ErrorText<ErrorDetails[Code]> } = {
  ...hostErrors,
  ...specErrors,
  ...pythonErrors,
  ...envErrors,
  ...installErrors,
  ...netErrors,
  ...indexesErrors,
  ...resolveErrors,
  ...buildErrors,
  ...packagesErrors,
  ...auditErrors,
  ...projectErrors,
  ...syncErrors,
  ...changeErrors,
  ...cliErrors,
}
