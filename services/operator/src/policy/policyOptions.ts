import type { Command } from 'commander'
import { count, several } from '../cli/commandKinds.ts'

/** The options that say a policy's terms: who may request, who approves, when access ends (S7–S16). */
export const withPolicyOptions = (command: Command): Command =>
  command
    .option('--policy-name <text>', "the policy's display name")
    .option('--policy-description <text>', "the policy's description")
    .option('--for-user <ids>', 'who may request: these people', several)
    .option('--for-group <ids>', 'who may request: members of these groups', several)
    .option('--for-directory <ids>', 'who may request: all of these external directories', several)
    .option('--no-one', 'nobody requests; administrators assign directly')
    .option('--approver-user <ids>', 'these people approve; one is enough', several)
    .option('--approver-group <ids>', 'members of these groups approve; one is enough', several)
    .option(
      '--approval-days <count>',
      'days to decide in (14); then the request is cancelled',
      count,
    )
    .option('--no-approval', 'requests are approved automatically')
    .option('--requestor-justification', 'requestors must say why')
    .option('--no-requestor-justification', "requestors needn't say why")
    .option('--approver-justification', 'approvers must say why')
    .option('--no-approver-justification', "approvers needn't say why")
    .option('--expires-on <date>', 'access ends when this day is over, as 2027-03-31')
    .option('--expires-after-days <count>', 'access ends so many days after approval', count)
    .option('--expires-after-hours <count>', 'access ends so many hours after approval', count)
    .option('--never-expires', 'access has no end')
    .option('--extension', 'people may extend their access')
    .option('--no-extension', 'people may not extend their access')
    .option('--extension-approval', 'extensions are approved like requests')
    .option('--no-extension-approval', 'extensions need no approval')
    .option('--zone <zone>', "IANA zone that days are counted in; the organisation's when absent")
