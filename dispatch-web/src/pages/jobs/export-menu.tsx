import { useMutation } from '@tanstack/react-query'
import type { ExportFormat } from 'dispatch-contract'
import { Download, FileJson, FileSpreadsheet, X } from 'lucide-react'
import { useEffect, useRef, useState } from 'react'
import { Button } from '../../components/button'
import { Menu, MenuItem } from '../../components/menu'
import { toast } from '../../components/toasts'
import { exportJobs, saveFile } from '../../features/jobs/export-jobs'
import { messageOf } from '../../lib/api-error'
import type { JobsSearch } from './search'

/** Saves all jobs that the address asks for, of every page. One at a time; leaving the page does not stop it. */
export function ExportMenu({ search }: { readonly search: JobsSearch }) {
  const [bytes, setBytes] = useState(0)
  const stop = useRef<AbortController>(null)
  const exporting = useMutation({
    mutationFn: async (format: ExportFormat) => {
      stop.current = new AbortController()
      setBytes(0)
      const filter = { ...search, page: undefined }
      const file = await exportJobs({ filter, format, onProgress: setBytes, signal: stop.current.signal })
      saveFile(file, fileName(format))
      return file.size
    },
    onSuccess: (size) => toast('Jobs exported', `${megabytes(size)}, among the downloads of your browser.`),
    onError(error) {
      if (stop.current?.signal.aborted === true) toast('Export stopped', 'Nothing was saved.')
      else toast('The export failed', messageOf(error))
    },
  })
  const place = useFocusThatStays(exporting.isPending)
  if (exporting.isPending) {
    return (
      <div ref={place}>
        <Button icon={<X aria-hidden size={16} />} aria-label="Stop the export" onClick={() => stop.current?.abort()}>
          <span className="tabular">Exporting… {megabytes(bytes)}</span>
        </Button>
      </div>
    )
  }
  return (
    <div ref={place}>
      <Menu trigger={<Button icon={<Download aria-hidden size={16} />}>Export</Button>}>
        <MenuItem icon={<FileSpreadsheet aria-hidden size={15} />} onClick={() => exporting.mutate('csv')}>
          CSV, for spreadsheets
        </MenuItem>
        <MenuItem icon={<FileJson aria-hidden size={15} />} onClick={() => exporting.mutate('jsonl')}>
          JSON lines, with payloads
        </MenuItem>
      </Menu>
    </div>
  )
}

/** Where one button takes the place of another one that had the focus, it takes that too. */
function useFocusThatStays(shown: unknown): React.RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null)
  const before = useRef(shown)
  useEffect(() => {
    if (before.current === shown) return
    before.current = shown
    if (document.activeElement === document.body) place.current?.querySelector('button')?.focus()
  }, [shown])
  return place
}

/** `dispatch-jobs-20310613T093000Z.csv` */
function fileName(format: ExportFormat): string {
  return `dispatch-jobs-${new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '')}.${format}`
}

function megabytes(bytes: number): string {
  return bytes < 100_000 ? `${Math.ceil(bytes / 1_000)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
