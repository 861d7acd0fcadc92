// Reads the machine-readable report of a test run: totals, and counts per database (suites that use one end in "on <its name>").
import { existsSync, readFileSync } from 'node:fs'

export const DATABASES = ['SQLite', 'MariaDB', 'PostgreSQL']

/**
 * @typedef {{ passed: number, failed: number, skipped: number }} Counts
 * @typedef {{ status: string, ancestorTitles: string[], title: string }} Assertion
 * @typedef {{ status: string, name?: string, assertionResults: Assertion[] }} SuiteResult
 */

/**
 * Counts of a report. A test file that could not even be loaded counts as one failure; so does a run that failed for a
 * reason that no test shows, such as a rejection nobody awaited.
 *
 * @param {{ success: boolean, testResults: SuiteResult[] }} report
 * @returns {{ total: Counts, databases: Map<string, Counts> }}
 */
export function countTests(report) {
  const total = noTests()
  const databases = new Map(DATABASES.map((name) => [name, noTests()]))
  for (const { status, assertionResults } of report.testResults) {
    for (const test of assertionResults) {
      count(total, test.status)
      // vitest quotes a text that it fills into a title: on 'SQLite'.
      const words = [...test.ancestorTitles, test.title].join(' ').replaceAll("'", '')
      for (const [name, counts] of databases) if (words.includes(`on ${name}`)) count(counts, test.status)
    }
    if (status === 'failed' && !assertionResults.some((test) => test.status === 'failed')) total.failed += 1
  }
  if (!report.success && total.failed === 0) total.failed = 1
  return { total, databases }
}

function noTests() {
  return { passed: 0, failed: 0, skipped: 0 }
}

function count(counts, status) {
  if (status === 'passed') counts.passed += 1
  else if (status === 'failed') counts.failed += 1
  else counts.skipped += 1
}

/**
 * The report in `file`; undefined when the run ended before it was written.
 *
 * @param {string} file
 */
export function readReport(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : undefined
}

/**
 * What is said at the end of a run, per database; ends with the databases that no test ran on.
 *
 * @param {ReadonlyMap<string, Counts>} databases
 * @returns {string[]}
 */
export function databaseLines(databases) {
  return [...databases].map(([name, { passed, failed, skipped }]) => {
    if (passed + failed === 0) return `${name.padEnd(10)}  NOT RUN`
    return `${name.padEnd(10)}  ${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`
  })
}

// By itself it prints "<passed> <failed>" of a report, for `.ci/run`; a missing report is one failure.
if (process.argv[1]?.endsWith('test-report.mjs')) {
  const report = readReport(process.argv[2] ?? '')
  const { passed, failed } = report ? countTests(report).total : { passed: 0, failed: 1 }
  console.log(`${passed} ${failed}`)
}
