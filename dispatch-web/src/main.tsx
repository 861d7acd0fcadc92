// First, before any schema is made.
import './lib/zod-without-eval'
import './styles.css'
import { CSPProvider } from '@base-ui/react/csp-provider'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { fetchPagesWhenIdle } from './lib/page-code'
import { queryClient } from './lib/query-client'
import { router } from './router'

const root = document.getElementById('root')
if (!root) throw new Error('index.html has no element #root')
createRoot(root).render(
  <StrictMode>
    <CSPProvider disableStyleElements>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router} />
      </QueryClientProvider>
    </CSPProvider>
  </StrictMode>,
)

// After the first page stands.
const unsubscribe = router.subscribe('onRendered', () => {
  unsubscribe()
  void fetchPagesWhenIdle()
})
