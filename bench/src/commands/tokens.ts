import { createTokenIssuer } from '@portcullis/api'
import { dataPaths, type Runtime, systemClock } from '@portcullis/runtime'

const DAY_SECONDS = 86_400

/** Tokens of people, each made once. */
export const tokens = async (runtime: Runtime) => {
  const { keys } = dataPaths(runtime.config.dataDir)
  const issue = await createTokenIssuer({ keyDir: keys, clock: systemClock })
  const issued = new Map<string, string>()
  return async (sub: string): Promise<string> => {
    const known = issued.get(sub)
    if (known !== undefined) return known
    const { token } = await issue({ sub, kind: 'user', ttlSeconds: DAY_SECONDS })
    issued.set(sub, token)
    return token
  }
}
