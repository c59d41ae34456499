import assert from 'node:assert/strict'
import { test } from 'node:test'
import { formatCsvRow, parseCsv } from './csv.ts'

test('parseCsv() reads quoted fields with commas, quotes and line ends', () => {
  assert.deepEqual(parseCsv('a,"b,""c""\nd",\r\n\r\n"e"\n'), [
    { fields: ['a', 'b,"c"\nd', ''], line: 1 },
    { fields: ['e'], line: 4 },
  ])
})

test('parseCsv() takes a quote inside a plain field as it stands', () => {
  assert.deepEqual(parseCsv('a"b",c')[0]?.fields, ['a"b"', 'c'])
})

test('formatCsvRow() quotes only where it has to', () => {
  assert.equal(formatCsvRow(['a b', "c'd", '']), "a b,c'd,")
  assert.equal(formatCsvRow(['a,b', 'c"d', 'e\nf', 'g\rh']), '"a,b","c""d","e\nf","g\rh"')
  assert.equal(formatCsvRow(['']), '""')
})
