import { createContext, use, type HTMLAttributes } from 'react'

const InsideMain = createContext(false)

/** The main landmark, of which a page has one: inside the frame's, a page that also stands alone is only a box in it. */
export function Main(props: HTMLAttributes<HTMLElement>) {
  const Tag = use(InsideMain) ? 'div' : 'main'
  return (
    <InsideMain value>
      <Tag {...props} />
    </InsideMain>
  )
}
