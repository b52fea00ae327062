/** How badly the world behaves, in percent of the occasions. */
export interface Climate {
  readonly crash: number
  readonly death: number
  readonly limit: number
  readonly silence: number
  readonly question: number
  readonly collision: number
  readonly hookTrouble: number
}
