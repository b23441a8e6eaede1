import { createHash } from 'node:crypto'
import {
  type OpenApiDocument,
  type OpenApiOperation,
  PROBLEM_STATUSES,
} from '@portcullis/api-contract'

export interface ReferencePage {
  readonly html: string
  /** Lets in this page's own style and nothing else. */
  readonly contentSecurityPolicy: string
}

const STYLE = `
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem }
pre, code { font: 0.85rem/1.45 ui-monospace, monospace }
pre { overflow-x: auto; padding: 0.75rem; border: 1px solid #8885; border-radius: 4px }
details { border: 1px solid #8885; border-radius: 4px; margin: 0.4rem 0; padding: 0.4rem 0.75rem }
summary { cursor: pointer }
table { border-collapse: collapse }
td, th { text-align: left; vertical-align: top; padding: 0.2rem 1rem 0.2rem 0 }
`

/**
 * A page that shows the whole OpenAPI document. No script, no font and no address of anybody else: it works offline and
 * needs nothing opened in the content security policy.
 */
export const referencePage = (document: OpenApiDocument): ReferencePage => {
  const hash = createHash('sha256').update(STYLE).digest('base64')
  const { info } = document
  const html = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escaped(info.title)} API</title><style>${STYLE}</style></head>
<body>
<h1>${escaped(info.title)} API ${escaped(info.version)}</h1>
${paragraphs(info.description)}
<p>The same for programs: <a href="/openapi.json">/openapi.json</a> (OpenAPI ${document.openapi}).</p>
${document.tags.map(({ name }) => section(document, name)).join('\n')}
<h2>Errors</h2>
<table>${Object.entries(PROBLEM_STATUSES)
    .map(([status, meaning]) => `<tr><th>${status}</th><td>${inline(meaning)}</td></tr>`)
    .join('')}</table>
<h2 id="schemas">Schemas</h2>
${Object.entries(document.components.schemas)
  .map(([name, schema]) =>
    fold(name, `<strong>${escaped(name)}</strong>`, json(schema), `schema-${name}`),
  )
  .join('\n')}
</body></html>
`
  return {
    html,
    contentSecurityPolicy: `default-src 'none'; style-src 'sha256-${hash}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
  }
}

const section = (document: OpenApiDocument, tag: string): string => {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => describe(method, path, operation)),
  )
  return `<h2>${escaped(tag)}</h2>\n${operations.join('\n')}`
}

const describe = (method: string, path: string, operation: OpenApiOperation): string =>
  fold(
    operation.operationId,
    `<code>${method.toUpperCase()} ${escaped(path)}</code> ${escaped(operation.summary)}`,
    [
      operation.description === undefined ? '' : paragraphs(operation.description),
      operation.parameters.length === 0 ? '' : parameterTable(operation),
      operation.requestBody === undefined
        ? ''
        : `<h4>Body${operation.requestBody.required ? '' : ' (optional)'}</h4>${json(operation.requestBody.content)}`,
      '<h4>Answers</h4>',
      json(operation.responses),
    ].join(''),
  )

const parameterTable = (operation: OpenApiOperation): string =>
  `<h4>Parameters</h4><table>${operation.parameters
    .map(
      (parameter) =>
        `<tr><th><code>${escaped(parameter.name)}</code></th><td>${parameter.in}${parameter.required ? ', required' : ''}</td>` +
        `<td>${inline(parameter.description ?? '')}</td><td><code>${linked(JSON.stringify(parameter.schema))}</code></td></tr>`,
    )
    .join('')}</table>`

const fold = (id: string, summary: string, content: string, anchor = id): string =>
  `<details id="${escaped(anchor)}"><summary>${summary}</summary>${content}</details>`

const json = (value: unknown): string => `<pre>${linked(JSON.stringify(value, null, 2))}</pre>`

/** Escaped, with references to schemas as links. */
const linked = (text: string): string =>
  escaped(text).replaceAll(
    /#\/components\/schemas\/(\w+)/g,
    (reference, name: string) => `<a href="#schema-${name}">${reference}</a>`,
  )

const paragraphs = (text: string): string =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `<p>${inline(line)}</p>`)
    .join('')

const inline = (text: string): string => escaped(text).replaceAll(/`([^`]+)`/g, '<code>$1</code>')

const escaped = (text: string): string =>
  text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
