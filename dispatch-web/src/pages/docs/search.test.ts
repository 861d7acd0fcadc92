import { describe, expect, test } from 'vitest'
import { searchEntries, splitByTerms, toEntries, type SearchEntry } from './search'

const entry = (title: string, text = ''): SearchEntry => ({ name: 'using', label: 'Using', id: title, title, text })
const found = (entries: readonly SearchEntry[], query: string) =>
  searchEntries(entries, query).map(({ title }) => title)

describe('what is found', () => {
  const entries = [
    entry('Limits', 'How many jobs at a time; the retry is not limited'),
    entry('Retries', 'A job is tried again'),
    entry('RETRY_DELAYS', 'Pauses before each retry of a job'),
    entry('Retry', ''),
  ]

  test('sections with every word, whatever their case', () => {
    expect(found(entries, 'JOB tried')).toEqual(['Retries'])
    expect(found(entries, 'job nowhere')).toEqual([])
    expect(found(entries, '  ')).toEqual([])
  })

  test('the title that is meant comes first, then titles with it, then texts', () => {
    expect(found(entries, 'retry')).toEqual(['Retry', 'RETRY_DELAYS', 'Limits'])
  })

  test('signs of regular expressions are only signs', () => {
    expect(found([entry('a', 'x (y'), entry('b', 'x y')], '(y')).toEqual(['a'])
  })

  test('at most twenty', () => {
    const many = Array.from({ length: 50 }, (_, index) => entry(`job ${index}`))
    expect(searchEntries(many, 'job')).toHaveLength(20)
  })
})

test('the excerpt shows the word that was found, from a whole word on', () => {
  const text = `${'before '.repeat(40)}needle ${'after '.repeat(40)}`
  const [result] = searchEntries([entry('Title', text)], 'needle')
  expect(result?.excerpt).toMatch(/^… (before )+needle (after )+.* …$/)
  expect(result?.excerpt.length).toBeLessThan(140)
  expect(searchEntries([entry('Short', 'all of it')], 'short')[0]?.excerpt).toBe('all of it')
})

test('the parts of a text are the text, and mark the longest word', () => {
  const parts = splitByTerms('Jobs and a job.', ['job', 'jobs'])
  expect(parts.map(({ text }) => text).join('')).toBe('Jobs and a job.')
  expect(parts.filter(({ isFound }) => isFound).map(({ text }) => text)).toEqual(['Jobs', 'job'])
  expect(splitByTerms('text', [])).toEqual([{ text: 'text', isFound: false }])
})

test('every kind of block is searched', () => {
  const entries = toEntries({
    name: 'using',
    document: {
      title: 'Title',
      intro: [{ kind: 'paragraph', content: ['in ', { kind: 'code', text: 'intro' }] }],
      sections: [
        {
          id: 'a',
          depth: 2,
          title: ['A'],
          blocks: [
            { kind: 'list', isOrdered: false, items: [[{ kind: 'paragraph', content: ['item'] }]] },
            { kind: 'table', head: [['head']], rows: [[[{ kind: 'strong', content: ['cell'] }]]] },
            { kind: 'example', programs: [{ language: 'sh', text: 'curl\n  there' }] },
          ],
        },
      ],
    },
  })
  expect(entries.map(({ id, title, text }) => [id, title, text])).toEqual([
    ['', 'Title', 'in intro'],
    ['a', 'A', 'item head cell curl there'],
  ])
})
