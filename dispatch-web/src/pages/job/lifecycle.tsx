import type { JobDetails, JobStatus } from 'dispatch-contract'
import { lampColour } from '../../components/lamp'
import { classNames } from '../../lib/class-names'

type Point = readonly [x: number, y: number]

const WIDTH = 94
const HEIGHT = 28
const PLACES: Readonly<Record<JobStatus, Point>> = {
  SCHEDULED: [1, 1],
  FIRING: [125, 1],
  SUCCESS: [249, 1],
  CANCELLED: [1, 79],
  FAILED: [125, 79],
  DEAD: [249, 79],
}

interface Step {
  readonly from: JobStatus
  readonly to: JobStatus
  readonly line: readonly [Point, Point]
  readonly isTaken: (way: Way) => boolean
}

/** What the record of a job tells about its way. */
interface Way {
  readonly status: JobStatus
  readonly attempt: number
  /** Attempts that failed and left the job waiting. */
  readonly setbacks: number
  readonly hasRetried: boolean
}

const STEPS: readonly Step[] = [
  {
    from: 'SCHEDULED',
    to: 'FIRING',
    line: [
      [95, 15],
      [125, 15],
    ],
    isTaken: ({ attempt }) => attempt > 0,
  },
  {
    from: 'FIRING',
    to: 'FAILED',
    line: [
      [160, 29],
      [160, 79],
    ],
    isTaken: ({ setbacks }) => setbacks > 0,
  },
  {
    from: 'FAILED',
    to: 'FIRING',
    line: [
      [184, 79],
      [184, 29],
    ],
    isTaken: ({ hasRetried }) => hasRetried,
  },
  {
    from: 'FIRING',
    to: 'SUCCESS',
    line: [
      [219, 15],
      [249, 15],
    ],
    isTaken: ({ status }) => status === 'SUCCESS',
  },
  {
    from: 'FIRING',
    to: 'DEAD',
    line: [
      [212, 29],
      [262, 79],
    ],
    isTaken: ({ status }) => status === 'DEAD',
  },
  {
    from: 'SCHEDULED',
    to: 'CANCELLED',
    line: [
      [48, 29],
      [48, 79],
    ],
    isTaken: ({ status, attempt }) => status === 'CANCELLED' && attempt === 0,
  },
  {
    from: 'FAILED',
    to: 'CANCELLED',
    line: [
      [125, 93],
      [95, 93],
    ],
    isTaken: ({ status, attempt }) => status === 'CANCELLED' && attempt > 0,
  },
]

/** The states a job can be in, the way it took, and where it is. */
export function Lifecycle({ job }: { readonly job: JobDetails }) {
  const way = wayOf(job)
  const taken = STEPS.filter((step) => step.isTaken(way))
  const passed = new Set<JobStatus>(['SCHEDULED', ...taken.flatMap(({ from, to }) => [from, to])])
  return (
    <svg
      viewBox="0 0 344 108"
      role="img"
      aria-label={`Lifecycle: passed ${[...passed].join(', ')}; now ${job.status}`}
      className="mx-auto block w-full max-w-md"
    >
      {STEPS.map((step) => (
        <Arrow key={`${step.from} ${step.to}`} line={step.line} isTaken={taken.includes(step)} />
      ))}
      {(Object.keys(PLACES) as JobStatus[]).map((state) => (
        <Node key={state} state={state} isNow={state === job.status} isPassed={passed.has(state)} />
      ))}
    </svg>
  )
}

function wayOf({ status, attempt, logs }: JobDetails): Way {
  const failures = logs.filter((log) => log.status === 'FAILED')
  // The last failure of a job that was given up did not leave it waiting.
  return {
    status,
    attempt,
    setbacks: status === 'DEAD' ? failures.length - 1 : failures.length,
    hasRetried: failures.some((log) => log.attempt < attempt),
  }
}

interface NodeProps {
  readonly state: JobStatus
  readonly isNow: boolean
  readonly isPassed: boolean
}

function Node({ state, isNow, isPassed }: NodeProps) {
  const [x, y] = PLACES[state]
  return (
    <g className={isNow ? lampColour(state) : isPassed ? 'text-ink' : 'text-faint'}>
      <rect
        {...{ x, y, width: WIDTH, height: HEIGHT, rx: 5 }}
        className={classNames(
          'fill-raised',
          isNow ? 'stroke-current' : isPassed ? 'stroke-line-strong' : 'stroke-line',
        )}
        strokeWidth={isNow ? 1.5 : 1}
        strokeDasharray={isPassed ? undefined : '3 3'}
      />
      <text
        x={x + WIDTH / 2}
        y={y + HEIGHT / 2 + 4}
        textAnchor="middle"
        className={classNames('fill-current font-mono text-2xs tracking-wide', isNow && 'font-semibold')}
      >
        {state}
      </text>
    </g>
  )
}

function Arrow({ line: [[x1, y1], [x2, y2]], isTaken }: { readonly line: Step['line']; readonly isTaken: boolean }) {
  const angle = (Math.atan2(y2 - y1, x2 - x1) * 180) / Math.PI
  return (
    <g
      className={classNames('fill-none', isTaken ? 'stroke-muted' : 'stroke-line-strong')}
      strokeWidth={isTaken ? 1.5 : 1}
      strokeDasharray={isTaken ? undefined : '3 3'}
    >
      <line {...{ x1, y1, x2, y2 }} />
      <path d="M-6,-3.5 L-1,0 L-6,3.5" strokeDasharray="none" transform={`translate(${x2} ${y2}) rotate(${angle})`} />
    </g>
  )
}
