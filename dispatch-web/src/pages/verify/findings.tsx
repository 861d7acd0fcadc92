import type { UseMutationResult } from '@tanstack/react-query'
import { CircleCheck, Info, SearchCheck, TriangleAlert } from 'lucide-react'
import { EmptyState } from '../../components/empty-state'
import { classNames } from '../../lib/class-names'
import type { Diagnosis } from '../../features/verify/diagnose'
import type { Difference, Finding } from '../../features/verify/finding'

const MARKS = {
  problem: { icon: TriangleAlert, color: 'text-danger-text', words: 'Problem' },
  note: { icon: Info, color: 'text-muted', words: 'Note' },
  ok: { icon: CircleCheck, color: 'text-success', words: 'In order' },
} as const

/** What was found, read out when it comes. */
export function Findings({ check }: { readonly check: Pick<UseMutationResult<Diagnosis>, 'data' | 'error'> }) {
  return (
    <div role="status">
      {check.data ? (
        <>
          <p className="sr-only">{check.data.isValid ? 'The request is rightly signed.' : 'A receiver refuses it.'}</p>
          <ul className="divide-y divide-line">
            {check.data.findings.map((finding, index) => (
              <One key={index} finding={finding} />
            ))}
          </ul>
        </>
      ) : check.error ? (
        <p className="p-4 text-danger-text">This request could not be looked at: {check.error.message}</p>
      ) : (
        <EmptyState icon={SearchCheck} title="What is wrong stands here">
          A wrong secret, a body that was parsed and written anew, a line break too many, a clock that is off, headers
          that a proxy dropped or renamed: each is told apart, with what to do.
        </EmptyState>
      )}
    </div>
  )
}

function One({ finding: { tone, title, text, cure, difference } }: { readonly finding: Finding }) {
  const { icon: Icon, color, words } = MARKS[tone]
  return (
    <li className="flex gap-3 px-4 py-3.5">
      <Icon aria-hidden size={16} className={classNames('mt-[3px] shrink-0', color)} />
      <div className="flex min-w-0 flex-1 flex-col gap-1.5">
        <h3 className="text-base font-semibold wrap-anywhere">
          <span className="sr-only">{words}: </span>
          {title}
        </h3>
        <p className="text-base wrap-anywhere text-muted">{text}</p>
        {difference && <FirstDifference difference={difference} />}
        {cure !== undefined && <p className="text-base wrap-anywhere">{cure}</p>}
      </div>
    </li>
  )
}

function FirstDifference({ difference: { at, signed, given } }: { readonly difference: Difference }) {
  return (
    <figure className="mt-1 rounded-md border border-line bg-well px-3 py-2">
      <figcaption className="label-caps mb-1">
        First difference, at character {(at + 1).toLocaleString('en')}
      </figcaption>
      <dl className="grid grid-cols-[max-content_1fr] gap-x-3 font-mono text-sm">
        <dt className="text-faint">signed</dt>
        <dd className="break-all whitespace-pre-wrap">{signed}</dd>
        <dt className="text-faint">pasted</dt>
        <dd className="break-all whitespace-pre-wrap">{given}</dd>
      </dl>
    </figure>
  )
}
