// One place turns the system's error codes into den's errors.

import { DenError } from '../base/error.ts'

/** The system's code of an error that Node threw ("ENOENT"); undefined for any other error. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^E[A-Z0-9]+$/.test(error.code)
    ? error.code
    : undefined
}

/** The den error for a failed file-system call; anything that is no system error is a fault of den's and stays as it is. */
export function ioError(error: unknown, operation: string, path: string): unknown {
  const errno = errnoOf(error)
  if (errno === undefined) return error
  const detail = { operation, path, errno }
  const cause = { cause: error }
  switch (errno) {
    case 'EACCES':
    case 'EPERM':
      return new DenError('permission-denied', detail, cause)
    case 'ENOSPC':
    case 'EDQUOT':
      return new DenError('disk-full', detail, cause)
    case 'EROFS':
      return new DenError('read-only-disk', detail, cause)
    case 'EMFILE':
    case 'ENFILE':
      return new DenError('too-many-open-files', detail, cause)
    default:
      return new DenError('io-failed', detail, cause)
  }
}

/** The system's code behind a den error of this layer, so that callers can react to EEXIST or EXDEV. */
export function ioCode(error: unknown): string | undefined {
  if (error instanceof DenError && 'errno' in error.detail) return error.detail.errno
  return errnoOf(error)
}
