import { readFile } from 'node:fs/promises'
import type { Runtime } from '@portcullis/runtime'

/** Ticks of a second in `/proc`, on every Linux that Node runs on. */
const TICKS = 100

/**
 * CPU that the server's processes have used so far, milliseconds, by what they are for: the application name of a
 * connection without who it is of, or the kind of a process of the server's own.
 * @returns nothing where there is no `/proc`, or the server is elsewhere
 */
export const serverCpu = async ({ pool }: Runtime): Promise<ReadonlyMap<string, number>> => {
  const { rows } = await pool.query<{ readonly pid: number; readonly name: string }>(
    `select pid, case when application_name = '' then backend_type else application_name end as name from pg_stat_activity`,
  )
  const used = new Map<string, number>()
  for (const { pid, name } of rows) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => undefined)
    // The second field, the command, may hold spaces: count from its end.
    const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
    if (fields === undefined) continue
    const millis = ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS
    used.set(name, (used.get(name) ?? 0) + millis)
  }
  return used
}
