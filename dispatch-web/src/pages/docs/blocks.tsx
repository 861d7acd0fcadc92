import { plainText, type Block, type Cell } from './document'
import { Example } from './example'
import { Inlines } from './inlines'

/** Below each other; code and tables may be wider than what is read. */
export function Blocks({ blocks }: { readonly blocks: readonly Block[] }) {
  return blocks.map((block, index) => <OneBlock key={index} block={block} />)
}

function OneBlock({ block }: { readonly block: Block }) {
  switch (block.kind) {
    case 'paragraph':
      return (
        <p className="max-w-[46rem] leading-relaxed text-muted">
          <Inlines content={block.content} />
        </p>
      )
    case 'list':
      return <List isOrdered={block.isOrdered} items={block.items} />
    case 'table':
      return <Table head={block.head} rows={block.rows} />
    case 'example':
      return <Example programs={block.programs} />
  }
}

function List({ isOrdered, items }: { readonly isOrdered: boolean; readonly items: readonly (readonly Block[])[] }) {
  const Tag = isOrdered ? 'ol' : 'ul'
  return (
    <Tag
      className={`flex max-w-[46rem] flex-col gap-1.5 pl-5 text-muted marker:text-faint ${isOrdered ? 'list-decimal' : 'list-disc'}`}
    >
      {items.map((blocks, index) => (
        <li key={index} className="pl-1">
          <div className="flex flex-col gap-2">
            <Blocks blocks={blocks} />
          </div>
        </li>
      ))}
    </Tag>
  )
}

function Table({ head, rows }: { readonly head: readonly Cell[]; readonly rows: readonly (readonly Cell[])[] }) {
  return (
    <div
      role="group"
      aria-label={`Table of ${head.map(plainText).filter(Boolean).join(', ')}`}
      tabIndex={0}
      className="overflow-x-auto rounded-md border border-line bg-panel print:overflow-visible"
    >
      <table className="w-full min-w-xl border-collapse text-sm leading-relaxed print:min-w-0">
        <thead>
          <tr>
            {head.map((cell, index) =>
              cell.length === 0 ? (
                <td key={index} className="border-b border-line" />
              ) : (
                <th
                  key={index}
                  scope="col"
                  className="border-b border-line px-3 py-2 text-left align-bottom font-medium text-ink"
                >
                  <Inlines content={cell} />
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index} className="border-b border-line last:border-0">
              {row.map((cell, column) => (
                <td key={column} className="px-3 py-2 align-top text-muted first:text-ink">
                  <Inlines content={cell} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}
