// The certificates that servers are checked against: what Python's tools and curl read, else this runtime's and the system's own.

import tls from 'node:tls'
import { DenError } from '../base/error.ts'
import { type Host, variable } from '../host/host.ts'

/** The variables that name a file to be used instead of the usual authorities, first one first. */
const fileVariables = ['SSL_CERT_FILE', 'PIP_CERT', 'REQUESTS_CA_BUNDLE', 'CURL_CA_BUNDLE'] as const

type CertificateHost = Pick<Host, 'env' | 'platform' | 'files' | 'path' | 'cwd'>

/** A private key and the certificates that go with it, for servers that ask who is there. */
export interface ClientIdentity {
  readonly key: string
  readonly cert: string
}

/**
 * PEM texts of the trusted authorities. The file or directory given (--cert), else a file named by SSL_CERT_FILE, PIP_CERT, REQUESTS_CA_BUNDLE or CURL_CA_BUNDLE, or the
 * directory SSL_CERT_DIR, replaces the usual ones; NODE_EXTRA_CA_CERTS adds to them. Throws `invalid-setting` when the file
 * isn't there or holds no certificate.
 */
export function trustedCertificates(host: CertificateHost, given?: string): readonly string[] {
  if (given !== undefined) return readBundle(host, '--cert', given)
  const named = fileVariables.flatMap((setting) => {
    const value = variable(host, setting)
    return value === undefined || value === '' ? [] : [{ setting, value }]
  })[0]
  const directory = variable(host, 'SSL_CERT_DIR') || undefined
  const own = [
    ...(named === undefined ? [] : readBundle(host, named.setting, named.value)),
    // OpenSSL's own default directory is set on some systems whether it is there or not.
    ...(directory === undefined ? [] : readDirectory(host, directory)),
  ]
  const extra = variable(host, 'NODE_EXTRA_CA_CERTS') || undefined
  const more = extra === undefined ? [] : readBundle(host, 'NODE_EXTRA_CA_CERTS', extra)
  // The same authorities often come from several of these, and each costs time when the first connection is made.
  if (own.length > 0) return [...new Set([...own, ...more])]
  return [...new Set([...tls.rootCertificates, ...tls.getCACertificates('system'), ...more])]
}

/**
 * The client certificate: the file given (--client-cert), else PIP_CLIENT_CERT's, which holds key and certificates together. Throws
 * `invalid-setting` when one of the two is missing, or the key is locked by a password, for which nobody could be asked.
 */
export function clientIdentity(host: CertificateHost, given?: string): ClientIdentity | undefined {
  const setting = given === undefined ? 'PIP_CLIENT_CERT' : '--client-cert'
  const value = given ?? (variable(host, 'PIP_CLIENT_CERT') || undefined)
  if (value === undefined) return undefined
  const wrong = (reason: string): DenError => new DenError('invalid-setting', { setting, value, reason })
  const text = host.files.readText(host.path.resolve(host.cwd, value))
  if (text === undefined) throw wrong('there is no such file')
  const certificates = certificatesIn(text)
  const key = /-----BEGIN ((?:[A-Z]+ )*PRIVATE KEY)-----[\s\S]*?-----END \1-----/.exec(text)?.[0]
  if (certificates.length === 0) throw wrong('the file holds no PEM certificate')
  if (key === undefined) throw wrong('the file holds no private key: key and certificate go into one PEM file')
  if (/BEGIN ENCRYPTED|Proc-Type:.*ENCRYPTED/.test(key)) throw wrong('its private key is locked by a password')
  return { key, cert: certificates.join('\n') }
}

/** A PEM file, or a directory of them as REQUESTS_CA_BUNDLE allows. */
function readBundle(host: CertificateHost, setting: string, value: string): readonly string[] {
  const path = host.path.resolve(host.cwd, value)
  if (host.files.stat(path)?.kind === 'directory') return readDirectory(host, path)
  const text = host.files.readText(path)
  if (text === undefined) throw new DenError('invalid-setting', { setting, value, reason: 'there is no such file' })
  const certificates = certificatesIn(text)
  if (certificates.length === 0)
    throw new DenError('invalid-setting', { setting, value, reason: 'the file holds no PEM certificate' })
  return certificates
}

function readDirectory(host: CertificateHost, value: string): readonly string[] {
  const directory = host.path.resolve(host.cwd, value)
  const all = (host.files.list(directory) ?? []).filter((entry) => entry.kind !== 'directory')
  // OpenSSL looks a certificate up by these names; beside them the same ones often lie under others, and once more in a bundle.
  const hashed = all.filter(({ name }) => /^[\da-f]{8}\.\d+$/.test(name))
  const files = hashed.length > 0 ? hashed : all
  return [
    ...new Set(files.flatMap(({ name }) => certificatesIn(host.files.readText(host.path.join(directory, name)) ?? ''))),
  ]
}

function certificatesIn(text: string): readonly string[] {
  return text.match(/-----BEGIN (?:TRUSTED )?CERTIFICATE-----[\s\S]*?-----END (?:TRUSTED )?CERTIFICATE-----/g) ?? []
}
