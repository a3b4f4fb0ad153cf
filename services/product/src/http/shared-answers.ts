interface Turn<Answer> {
  readonly running: Promise<Answer>
  next?: Promise<Answer>
}

/**
 * Lets those who ask the same at the same time share one query. Who comes while it runs joins the one after it, so
 * nobody is given an answer that is older than his question.
 */
export function sharedAnswers<Answer>() {
  const turns = new Map<string, Turn<Answer>>()

  function start(key: string, ask: () => Promise<Answer>): Promise<Answer> {
    const running = ask()
    const turn: Turn<Answer> = { running }
    turns.set(key, turn)
    const end = () => {
      if (!turn.next) turns.delete(key)
    }
    running.then(end, end)
    return running
  }

  return (key: string, ask: () => Promise<Answer>): Promise<Answer> => {
    const turn = turns.get(key)
    if (!turn) return start(key, ask)
    const startNext = () => start(key, ask)
    turn.next ??= turn.running.then(startNext, startNext)
    return turn.next
  }
}
