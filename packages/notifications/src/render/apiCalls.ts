/**
 * The call of the HTTP API that does what a mail asks for, as a line for a shell: there is no portal to link to.
 * Ids hold no character that a shell would read (domain's `streams.ts`).
 */
const call = (baseUrl: string, path: string, justification: boolean): string =>
  [
    `curl -X POST ${baseUrl.replace(/\/$/, '')}${path}`,
    '-H "Authorization: Bearer $TOKEN"',
    ...(justification
      ? ['-H "Content-Type: application/json"', `-d '{"justification": "your reason"}'`]
      : []),
  ].join(' \\\n  ')

export const decideCall = (
  baseUrl: string,
  requestId: string,
  decision: 'approve' | 'deny',
  justification: boolean,
): string => call(baseUrl, `/v1/requests/${requestId}/${decision}`, justification)

export const extendCall = (baseUrl: string, assignmentId: string, justification: boolean): string =>
  call(baseUrl, `/v1/assignments/${assignmentId}/extend`, justification)

export const requestAgainCall = (
  baseUrl: string,
  packageId: string,
  justification: boolean,
): string => call(baseUrl, `/v1/access-packages/${packageId}/requests`, justification)
