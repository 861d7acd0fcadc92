import { Link } from '@tanstack/react-router'
import { ChevronDown, ExternalLink } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { API_URL } from '../../lib/api-url'
import { classNames } from '../../lib/class-names'
import { DOCS, DOCS_LABELS, type DocsName, type Section } from './document'
import { Inlines } from './inlines'
import { SearchBox } from './search-box'
import { useCurrentSection } from './use-current-section'

export interface ContentsProps {
  readonly name: DocsName
  readonly sections: readonly Section[]
}

/** Beside the document: search, the documents, and the sections of this one. On a small screen it opens by a button. */
export function Contents({ name, sections }: ContentsProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <div className="flex flex-col gap-3 lg:sticky lg:top-0 lg:h-dvh lg:pt-7 print:hidden">
      <SearchBox />
      <button
        type="button"
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
        className="flex h-9 items-center justify-between rounded-md border border-line-strong bg-panel px-3 text-base lg:hidden"
      >
        Contents
        <ChevronDown aria-hidden size={15} className={classNames('text-faint', isOpen && 'rotate-180')} />
      </button>
      <nav
        aria-label="Docs"
        className={classNames('min-h-0 flex-1 overflow-y-auto pb-6 lg:block', !isOpen && 'hidden')}
        onClick={(event) => {
          if (event.target instanceof Element && event.target.closest('a')) setOpen(false)
        }}
      >
        <ul className="flex flex-col gap-0.5">
          {DOCS.map((each) => (
            <li key={each}>
              <Link
                to="/docs/$name"
                params={{ name: each }}
                className={classNames(
                  'block rounded-md px-2.5 py-1.5 text-base hover:bg-raised',
                  each === name ? 'font-medium text-ink' : 'text-muted',
                )}
              >
                {DOCS_LABELS[each]}
              </Link>
              {each === name && <SectionList sections={sections} />}
            </li>
          ))}
          <li>
            <a
              href={`${API_URL}/api/v1/docs`}
              target="_blank"
              rel="noreferrer"
              className="flex items-center gap-1.5 rounded-md px-2.5 py-1.5 text-base text-muted hover:bg-raised"
            >
              API reference
              <ExternalLink aria-hidden size={13} className="text-faint" />
            </a>
          </li>
        </ul>
      </nav>
    </div>
  )
}

/** The chapters, and the sections of the one that is being read. */
function SectionList({ sections }: Pick<ContentsProps, 'sections'>) {
  const [ids] = useState(() => sections.map(({ id }) => id))
  const current = useCurrentSection(ids)
  const chapter = chapterOf(sections, current)
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' })
  }, [current])
  return (
    <ul ref={list} className="my-1 ml-2.5 border-l border-line">
      {sections
        .filter(({ depth, id }) => depth === 2 || chapterOf(sections, id) === chapter)
        .map(({ id, depth, title }) => (
          <li key={id}>
            {/* Not the router's: that calls every link to this page the current one. */}
            <a
              href={`#${id}`}
              aria-current={id === current ? 'location' : undefined}
              className={classNames(
                '-ml-px block border-l py-1 pr-2 text-sm wrap-anywhere hover:text-ink [&_code]:border-0 [&_code]:bg-transparent [&_code]:p-0',
                depth === 2 ? 'pl-3' : 'pl-6',
                id === current ? 'border-accent text-ink' : 'border-transparent text-muted',
              )}
            >
              <Inlines content={title} />
            </a>
          </li>
        ))}
    </ul>
  )
}

/** The section of depth 2 that a section is, or is in. */
function chapterOf(sections: readonly Section[], id: string | null): Section | undefined {
  const at = sections.findIndex((section) => section.id === id)
  return sections.slice(0, at + 1).findLast(({ depth }) => depth === 2)
}
