/**
 * zod compiles schemas with `new Function` where it may; the content security policy forbids it, and each try would be
 * reported. Schemas look at this setting when they are made, so this module is imported before all others.
 */
import * as z from 'zod'

z.config({ jitless: true })
