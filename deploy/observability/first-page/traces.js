/**
 * Where Jaeger shows what has this id: a trace, or all traces of an order, by its id, its number or its payment's id. The
 * VictoriaLogs at `logs` knows of which order a number is.
 * @param {string} id
 * @param {string} logs
 * @returns {Promise<string>}
 */
export async function tracesPath(id, logs) {
  if (/^[0-9a-f]{32}$/.test(id)) return `/trace/${id}`
  const tags = (await tagsByLogs(id, logs)) ?? (id.startsWith('M-') ? { 'order.number': id } : { 'order.id': id })
  return `/search?service=order&lookback=2d&tags=${encodeURIComponent(JSON.stringify(tags))}`
}

/** Null where no log names it, or none answers: then the id itself has to do. */
async function tagsByLogs(id, logs) {
  const query = `*:"${id}" order_id:* | fields order_id | limit 1`
  const url = `${logs}/select/logsql/query?query=${encodeURIComponent(query)}`
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null)
  const line = answer?.ok ? await answer.text() : ''
  return line === '' ? null : { 'order.id': JSON.parse(line).order_id }
}
