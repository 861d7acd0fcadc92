import { describe, expect, test } from 'vitest'
import { parseDocument } from './document.ts'

const parse = (body: string, name: 'using' | 'differences' = 'using') => parseDocument(name, `# Title\n\n${body}`)
const firstBlock = (body: string) => parse(body).intro[0]

describe('sections', () => {
  test('title, what stands above the first heading, then the headings in their order', () => {
    const { title, intro, sections } = parse('Before.\n\n## First\n\nIn it.\n\n### Deeper\n\n## Second `code`\n')
    expect(title).toBe('Title')
    expect(intro).toEqual([{ kind: 'paragraph', content: ['Before.'] }])
    expect(sections.map(({ id, depth }) => [id, depth])).toEqual([
      ['first', 2],
      ['deeper', 3],
      ['second-code', 2],
    ])
    expect(sections[0]?.blocks).toEqual([{ kind: 'paragraph', content: ['In it.'] }])
    expect(sections[2]?.title).toEqual(['Second ', { kind: 'code', text: 'code' }])
  })

  test('anchors are those of GitHub', () => {
    const { sections } = parse("## `API_KEY`\n\n## What's 1.5 – here?\n\n## Same\n\n## Same\n\n## Über uns\n")
    expect(sections.map(({ id }) => id)).toEqual(['api_key', 'whats-15--here', 'same', 'same-1', 'über-uns'])
  })

  test.each([['#### Too deep'], ['# Another title']])('%s is refused', (heading) => {
    expect(() => parse(heading)).toThrow(/docs\/using\.md: the documentation pages cannot show a heading of depth \d/)
  })

  test('a document needs a title', () => {
    expect(() => parseDocument('using', 'Only words.')).toThrow('docs/using.md: it has no title')
  })
})

describe('blocks', () => {
  test('words in their kinds', () => {
    expect(firstBlock('a **b _c_** `<d>` \\*e')).toEqual({
      kind: 'paragraph',
      content: [
        'a ',
        { kind: 'strong', content: ['b ', { kind: 'emphasis', content: ['c'] }] },
        ' ',
        { kind: 'code', text: '<d>' },
        ' ',
        '*',
        'e',
      ],
    })
  })

  test('lists, with paragraphs and without', () => {
    expect(firstBlock('1. one\n2. two\n')).toEqual({
      kind: 'list',
      isOrdered: true,
      items: [[{ kind: 'paragraph', content: ['one'] }], [{ kind: 'paragraph', content: ['two'] }]],
    })
    expect(firstBlock('- one\n\n  more\n')).toMatchObject({ isOrdered: false, items: [[{}, {}]] })
  })

  test('tables, whose cells may be missing', () => {
    expect(firstBlock('| A | B |\n| - | - |\n| `x\\|y` | 1 |\n| z |\n')).toEqual({
      kind: 'table',
      head: [['A'], ['B']],
      rows: [
        [[{ kind: 'code', text: 'x|y' }], ['1']],
        [['z'], []],
      ],
    })
  })

  test('comments are left out', () => {
    expect(parse('<!-- written by a program -->\n\nWords.').intro).toHaveLength(1)
  })

  test.each([['<script>alert(1)</script>'], ['a <b>c</b>'], ['![picture](a.png)'], ['> quoted'], ['---']])(
    'what the pages cannot show fails the build: %s',
    (markdown) => {
      expect(() => parse(`Words.\n\n${markdown}`)).toThrow(/docs\/using\.md: the documentation pages cannot show/)
    },
  )
})

describe('examples', () => {
  const fence = (info: string, text = 'x'): string => `\`\`\`${info}\n${text}\n\`\`\`\n`

  test('the text as it is, without the marks behind the language', () => {
    expect(firstBlock(fence('sh elsewhere', 'a <b> &amp;\n  c'))).toEqual({
      kind: 'example',
      programs: [{ language: 'sh', text: 'a <b> &amp;\n  c' }],
    })
  })

  test.each([
    ['neighbours in several languages are one', ['sh', 'js', 'python', 'go'], ['sh js python go']],
    ['the same language twice is two', ['sh', 'sh'], ['sh', 'sh']],
    ['a request and its answer are two', ['sh', 'json'], ['sh', 'json']],
    ['a second round is another', ['js', 'python', 'js', 'python'], ['js python', 'js python']],
  ])('%s', (_what, languages, expected) => {
    const { intro } = parse(languages.map((language) => fence(language)).join('\n'))
    expect(
      intro.map((block) => block.kind === 'example' && block.programs.map(({ language }) => language).join(' ')),
    ).toEqual(expected)
  })

  test('words between keep them apart', () => {
    expect(parse(`${fence('js')}\nThen:\n\n${fence('python')}`).intro).toHaveLength(3)
  })
})

describe('links', () => {
  const target = (href: string) => {
    const block = firstBlock(`[words](${href})`)
    const inline = block?.kind === 'paragraph' ? block.content[0] : undefined
    return typeof inline === 'object' && inline.kind === 'link' ? inline.to : inline
  }
  const repository = 'https://github.com/imtiyazsayyidpro/dispatch/blob/main'

  test.each([
    ['#first', { name: 'using', hash: 'first' }],
    ['self-hosting.md', { name: 'self-hosting' }],
    ['configuration.md#port', { name: 'configuration', hash: 'port' }],
    ['prompts/integrate.md', { name: 'using', hash: 'ai-setup' }],
    ['prompts/self-host.md', { name: 'self-hosting', hash: 'ai-setup' }],
    ['metrics.md', { href: `${repository}/docs/metrics.md` }],
    ['../dispatch-client/README.md#verify', { href: `${repository}/dispatch-client/README.md#verify` }],
    ['https://www.example.com/a', { href: 'https://www.example.com/a' }],
  ])('%s', (href, expected) => {
    expect(target(href)).toEqual(expected)
  })

  test.each([['javascript:alert(1)'], ['data:text/html,x'], ['//example.com'], ['mailto:a@example.com']])(
    '%s is refused',
    (href) => {
      expect(() => target(href)).toThrow(`docs/using.md: no link may lead to ${href}`)
    },
  )

  test('a document that is named by its file is called by its name', () => {
    expect(firstBlock('[self-hosting.md](self-hosting.md)')).toMatchObject({ content: [{ content: ['Self-hosting'] }] })
  })

  test('an address that is an example is no link', () => {
    expect(firstBlock('such as you@example.com.')).toEqual({
      kind: 'paragraph',
      content: ['such as ', 'you@example.com', '.'],
    })
  })
})
