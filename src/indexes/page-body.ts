// From the bytes of an answer to a page in den's form: unpacked, read, encoded. Plain data in and out, so that it can be done on
// another thread.

import type { ProjectName } from '../base/brand.ts'
import { gunzip } from '../host/inflate.ts'
import { type IndexPage, parseIndexPage } from '../spec/simple-index.ts'
import { encodePage } from './page-encode.ts'
import type { EncodedPage } from './page-record.ts'

/** A page as it came. */
export interface PageBody {
  readonly name: ProjectName
  readonly body: Uint8Array
  readonly coding?: 'gzip'
  /** More bytes than that are refused when it is unpacked. */
  readonly maxBytes: number
  /** Where it came from. */
  readonly url: string
  readonly contentType: string
}

/** The page in den's form, and what it says of itself. */
export interface PageParts extends Pick<IndexPage, 'apiVersion' | 'status'> {
  readonly encoded: EncodedPage
}

/** undefined where it can't be unpacked: whoever asked asks again, and lets the connection find out why. Throws `invalid-index-page`. */
export function encodeBody({ name, body, coding, maxBytes, url, contentType }: PageBody): PageParts | undefined {
  const plain = coding === undefined ? body : gunzip(body, maxBytes)
  if (typeof plain === 'string') return undefined
  const text = new TextDecoder('utf-8').decode(plain)
  const page = parseIndexPage(text, { url, contentType })
  const { apiVersion, status } = page
  return {
    encoded: encodePage(name, page),
    ...(apiVersion === undefined ? {} : { apiVersion }),
    ...(status === undefined ? {} : { status }),
  }
}
