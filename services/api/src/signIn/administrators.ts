import type { Application, Caller } from '@portcullis/engine'
import { ApiProblem } from '../problems.ts'

/** A person's roles come from the directory, a service's with its token. */
export const isUserAdministrator = async (
  application: Pick<Application, 'whoAmI'>,
  caller: Caller,
): Promise<boolean> => {
  const { person } = await application.whoAmI(caller)
  const roles = caller.actor.kind === 'user' ? person?.directoryRoles : caller.directoryRoles
  return roles?.includes('UserAdministrator') === true
}

export const onlyForAdministrators = (): ApiProblem =>
  new ApiProblem(
    403,
    'permission.denied',
    'only a User administrator sees how others sign in, and ends it',
  )
