import { Toast } from '@base-ui/react/toast'
import { X } from 'lucide-react'
import { useEffect } from 'react'
import { buttonClass } from './button'
import { saidToasts, takeToasts } from './toasts'

const manager = Toast.createToastManager()

/** Shows what was said before it was mounted, and whatever is said after. */
export function ToastStack() {
  useEffect(() => {
    const show = (): void => takeToasts().forEach((message) => void manager.add(message))
    show()
    return saidToasts.subscribe(show)
  }, [])
  return (
    <Toast.Provider toastManager={manager} timeout={5000}>
      <Toast.Portal>
        <Toast.Viewport className="fixed right-4 bottom-20 left-4 z-40 flex flex-col items-end gap-2 sm:left-auto sm:w-88 md:bottom-4">
          <Toasts />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  )
}

function Toasts() {
  return Toast.useToastManager().toasts.map((one) => (
    <Toast.Root
      key={one.id}
      toast={one}
      className="w-full rounded-md border border-line-strong bg-panel shadow-float transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0"
    >
      <Toast.Content className="flex items-start gap-3 py-2 pr-2 pl-3">
        <div className="min-w-0 flex-1 py-1">
          <Toast.Title className="text-base font-medium" />
          <Toast.Description className="text-sm text-muted" />
        </div>
        <Toast.Close aria-label="Dismiss" className={buttonClass('quiet', 'icon')}>
          <X aria-hidden size={14} />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ))
}
