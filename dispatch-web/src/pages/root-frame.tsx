import { Outlet } from '@tanstack/react-router'
import { ApiDownBanner } from '../components/api-down-banner'
import { Toaster } from '../components/toaster'
import { TooltipProvider } from '../components/tooltip'

export function RootFrame() {
  return (
    <TooltipProvider delay={300}>
      <ApiDownBanner />
      <Outlet />
      <Toaster />
    </TooltipProvider>
  )
}
