import './print.css'
import { getRouteApi } from '@tanstack/react-router'
import { NotFoundPage } from '../not-found'
import { Blocks } from './blocks'
import { Contents } from './contents'
import type { NamedDocument } from './documents'
import { fillInFor, FillInProvider } from './fill-in'
import { PromptPanel } from './prompt-panel'
import { ReaderPanel, useReader } from './reader-panel'
import { SectionView } from './section-view'

const route = getRouteApi('/docs/$name')

/** A document of `docs/`. */
export function DocsPage() {
  const opened = route.useLoaderData()
  return opened ? <DocumentView {...opened} /> : <NotFoundPage />
}

function DocumentView({ name, document: { title, intro, sections } }: NamedDocument) {
  const choice = useReader()
  return (
    <FillInProvider value={fillInFor(name, choice.reader)}>
      <title>{`${title} · Dispatch`}</title>
      <div className="mx-auto grid w-full max-w-6xl gap-x-10 px-4 py-5 sm:px-6 lg:grid-cols-[14.5rem_minmax(0,1fr)] lg:px-8 lg:py-0 print:block print:max-w-none print:p-0">
        <Contents key={name} name={name} sections={sections} />
        <article className="docs flex min-w-0 flex-col gap-4 pt-6 pb-24 text-base lg:pt-7 print:p-0">
          <h1 className="text-2xl font-semibold tracking-tight">{title}</h1>
          <Blocks blocks={intro} />
          <PromptPanel name={name} />
          {name === 'using' && <ReaderPanel {...choice} />}
          {sections.map((section) => (
            <SectionView key={section.id} section={section} />
          ))}
        </article>
      </div>
    </FillInProvider>
  )
}
