/** What is asked for, or null when it fails or is not there within `patienceMs`. */
export function answerWithin<Result>(question: PromiseLike<Result>, patienceMs: number): Promise<Result | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), patienceMs)
    const answer = (result: Result | null) => {
      clearTimeout(timer)
      resolve(result)
    }
    question.then(answer, () => answer(null))
  })
}
