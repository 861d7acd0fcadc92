import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Search } from 'lucide-react'
import { useEffect, useId, useRef, useState, type KeyboardEvent } from 'react'
import { Input } from '../../components/input'
import { Kbd } from '../../components/kbd'
import { POPUP_CLASS } from '../../components/popup'
import { classNames } from '../../lib/class-names'
import { openAllDocuments } from './documents'
import { searchEntries, splitByTerms, termsOf, toEntries, type SearchResult } from './search'

const PLACE_CLASS = classNames(POPUP_CLASS, 'absolute top-full left-0 z-30 mt-1 w-full sm:w-[30rem]')

/** Searches all documents: `/` goes there, arrows choose, Enter opens, Escape closes. */
export function SearchBox() {
  const [query, setQuery] = useState('')
  const [isOpen, setOpen] = useState(false)
  const [chosen, setChosen] = useState(0)
  const [isWanted, setWanted] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const id = useId()
  const navigate = useNavigate()
  const { data: entries, isError } = useQuery({
    queryKey: ['docs'],
    queryFn: async () => (await openAllDocuments()).flatMap(toEntries),
    enabled: isWanted,
    staleTime: 'static',
  })
  const results = searchEntries(entries ?? [], query)
  const isShown = isOpen && query.trim() !== ''
  useSlash(input)

  const open = ({ name, id: hash }: SearchResult): void => {
    setOpen(false)
    input.current?.blur()
    void navigate({ to: '/docs/$name', params: { name }, ...(hash && { hash }) })
  }
  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step !== undefined && results.length > 0) {
      event.preventDefault()
      setOpen(true)
      setChosen((chosen + step + results.length) % results.length)
    } else if (event.key === 'Enter' && isShown && results[chosen]) open(results[chosen])
    else if (event.key === 'Escape') {
      if (!isShown) setQuery('')
      setOpen(false)
    }
  }
  return (
    <search className="relative block print:hidden">
      <Search aria-hidden size={14} className="pointer-events-none absolute top-2.75 left-2.5 text-faint" />
      <Input
        ref={input}
        type="search"
        role="combobox"
        aria-label="Search the docs"
        aria-expanded={isShown}
        aria-controls={`${id}-results`}
        aria-activedescendant={isShown && results[chosen] ? `${id}-${chosen}` : undefined}
        aria-autocomplete="list"
        autoComplete="off"
        placeholder="Search the docs"
        value={query}
        onFocus={() => {
          setWanted(true)
          setOpen(true)
        }}
        onBlur={() => setOpen(false)}
        onChange={(event) => {
          setQuery(event.target.value)
          setChosen(0)
          setOpen(true)
        }}
        onKeyDown={onKeyDown}
        className="pr-8 pl-8 [&::-webkit-search-cancel-button]:hidden"
      />
      {query === '' && (
        <span aria-hidden className="pointer-events-none absolute top-2 right-2.5">
          <Kbd>/</Kbd>
        </span>
      )}
      <Results
        {...{ id, isShown, isError, results, chosen, open }}
        terms={termsOf(query)}
        isLoaded={entries !== undefined}
      />
    </search>
  )
}

interface ResultsProps {
  readonly id: string
  readonly isShown: boolean
  readonly isLoaded: boolean
  readonly isError: boolean
  readonly results: readonly SearchResult[]
  readonly terms: readonly string[]
  readonly chosen: number
  readonly open: (result: SearchResult) => void
}

function Results({ id, isShown, isLoaded, isError, results, terms, chosen, open }: ResultsProps) {
  const list = useRef<HTMLUListElement>(null)
  useEffect(() => {
    list.current?.children[chosen]?.scrollIntoView({ block: 'nearest' })
  }, [chosen])
  const words = isError
    ? 'The documents could not be loaded.'
    : !isLoaded
      ? 'Loading the documents…'
      : results.length === 0
        ? 'Nothing has all of these words.'
        : ''
  return (
    <>
      <p
        role="status"
        className={isShown && words !== '' ? classNames(PLACE_CLASS, 'p-3 text-base text-muted') : 'sr-only'}
      >
        {isShown && (words || `${results.length} found`)}
      </p>
      {/* It scrolls itself: a list that belongs to a combobox need not take the focus for that. */}
      <ul
        ref={list}
        id={`${id}-results`}
        role="listbox"
        aria-label="Found sections"
        className={classNames(PLACE_CLASS, 'max-h-[min(30rem,70dvh)]', !(isShown && words === '') && 'hidden')}
      >
        {isShown &&
          results.map((result, index) => (
            <li
              key={`${result.name}#${result.id}`}
              id={`${id}-${index}`}
              role="option"
              aria-selected={index === chosen}
              // The field keeps the focus.
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => open(result)}
              className={classNames(
                'border-b border-line px-3 py-2 last:border-0',
                index === chosen ? 'bg-raised' : 'hover:bg-raised/60',
              )}
            >
              <span className="flex items-baseline justify-between gap-3">
                <span className="min-w-0 truncate text-base font-medium">
                  <Marked text={result.title} terms={terms} />
                </span>
                <span className="shrink-0 text-xs text-faint">{result.label}</span>
              </span>
              <span className="line-clamp-2 text-sm wrap-anywhere text-muted">
                <Marked text={result.excerpt} terms={terms} />
              </span>
            </li>
          ))}
      </ul>
    </>
  )
}

function Marked({ text, terms }: { readonly text: string; readonly terms: readonly string[] }) {
  return splitByTerms(text, terms).map((part, index) =>
    part.isFound ? (
      <mark key={index} className="rounded-sm bg-accent-wash text-accent-text">
        {part.text}
      </mark>
    ) : (
      part.text
    ),
  )
}

/** The key `/` focuses the field, unless something is being typed. */
function useSlash(input: React.RefObject<HTMLInputElement | null>): void {
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
      if (event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]')) return
      event.preventDefault()
      input.current?.focus()
    }
    addEventListener('keydown', onKey)
    return () => removeEventListener('keydown', onKey)
  }, [input])
}
