/** What the work results in, or null as soon as the service is to stop: nobody waits for a provider then, or begins. */
export async function unlessStopped<Result>(signal: AbortSignal, work: () => Promise<Result>): Promise<Result | null> {
  if (signal.aborted) return null
  let stop = () => {}
  const stopped = new Promise<null>((resolve) => {
    stop = () => resolve(null)
    signal.addEventListener('abort', stop)
  })
  return await Promise.race([work(), stopped]).finally(() => signal.removeEventListener('abort', stop))
}
