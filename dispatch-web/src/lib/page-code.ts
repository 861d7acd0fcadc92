/** The code of pages: loaded when one is first opened, or before, while the browser has nothing else to do. */
import { lazyRouteComponent } from '@tanstack/react-router'
import { API_URL } from './api-url'
import { noteUnreachable } from './connection'

/** A part of the dashboard could not be loaded, because whoever serves it did not answer. */
export class CodeUnreachableError extends Error {
  constructor(cause: unknown) {
    super('The code of this page could not be loaded: its server does not answer.', { cause })
    this.name = 'CodeUnreachableError'
  }
}

const preloads: (() => Promise<unknown> | undefined)[] = []

/** The component of a route or of what is shown when it is asked for, as `lazyRouteComponent`; also fetched by `fetchPagesWhenIdle`. */
export function lazyPage<Module extends Record<string, unknown>, Name extends keyof Module>(
  load: () => Promise<Module>,
  name: Name,
) {
  const page = lazyRouteComponent(() => loadCode(load), name)
  preloads.push(() => page.preload?.())
  return page
}

/**
 * Loads a part of the dashboard: `() => import(…)`. When it is missing though the dashboard is served, a newer build stands
 * there, and the router answers that error by reloading once. While nobody answers, a reload would end in the browser's own
 * error page: rejects with a `CodeUnreachableError` then.
 */
export async function loadCode<Module>(load: () => Promise<Module>): Promise<Module> {
  try {
    return await load()
  } catch (error) {
    if (await isServed()) throw error
    // The API serves us: its banner and its probe know when it is back.
    if (API_URL === '') noteUnreachable()
    throw new CodeUnreachableError(error)
  }
}

/** Reloads if there is something to load; answers whether. Browsers remember that an import failed, so no less will do. */
export async function reloadIfServed(): Promise<boolean> {
  const served = await isServed()
  if (served) location.reload()
  return served
}

async function isServed(): Promise<boolean> {
  try {
    return (await fetch('/', { method: 'HEAD', cache: 'no-store' })).ok
  } catch {
    return false
  }
}

/** One page after another, so that each opens at once, and even while the server is away. Not for who saves data. */
export async function fetchPagesWhenIdle(): Promise<void> {
  const { connection } = navigator as Navigator & { readonly connection?: { readonly saveData?: boolean } }
  if (connection?.saveData) return
  for (const preload of preloads) {
    await idle()
    await preload()
  }
}

/** Safari has no `requestIdleCallback`; there a pause has to do. */
function idle(): Promise<unknown> {
  return new Promise((resolve) => {
    if ('requestIdleCallback' in window) requestIdleCallback(resolve)
    else setTimeout(resolve, 200)
  })
}
