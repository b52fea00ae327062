import { createHash, timingSafeEqual } from 'node:crypto'

/** A reader may read everything; an operator may also change things. */
export type Role = 'reader' | 'operator'

export interface Tokens {
  readonly operatorToken: string
  readonly readerToken: string
}

/**
 * The role of who holds this token; null for one of no role. Takes the same time for each token.
 */
export function roleOfToken(given: string, tokens: Tokens): Role | null {
  // Both are compared every time, so that the time depends on neither.
  const [isOperator, isReader] = [
    isSame(given, tokens.operatorToken),
    isSame(given, tokens.readerToken),
  ]
  if (isOperator) return 'operator'
  return isReader ? 'reader' : null
}

/** In constant time; of the digests, which have the same length. */
const isSame = (one: string, other: string): boolean => timingSafeEqual(digest(one), digest(other))

const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
