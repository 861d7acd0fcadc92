import { useQuery } from '@tanstack/react-query'
import { ChartPanel } from '../../components/chart/chart-panel'
import { Segmented } from '../../components/segmented'
import { forecastQuery } from '../../features/stats/api'
import { dueByHour, dueByMinute, formatCount } from '../../features/stats/buckets'

export interface ForecastPanelProps {
  readonly projectId: string | undefined
  readonly ahead: '1h' | '24h'
  readonly onAhead: (ahead: '1h' | '24h') => void
}

const AHEAD = [
  { value: '1h', label: 'Next hour' },
  { value: '24h', label: 'Next 24 h' },
] as const

export function ForecastPanel({ projectId, ahead, onAhead }: ForecastPanelProps) {
  const isHour = ahead === '1h'
  return (
    <ChartPanel
      title="Coming up"
      description={isHour ? 'Attempts due in each minute, retries too.' : 'Attempts due in each hour, retries too.'}
      actions={<Segmented label="Look ahead" options={AHEAD} value={ahead} onChange={onAhead} />}
      query={useQuery(forecastQuery(projectId))}
      toBuckets={isHour ? dueByMinute : dueByHour}
      kind="bars"
      formatValue={formatCount}
      emptyText={isHour ? 'Nothing comes due within the hour.' : 'Nothing comes due within 24 hours.'}
    />
  )
}
