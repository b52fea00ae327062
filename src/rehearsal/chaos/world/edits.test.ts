import { describe, expect, it } from 'vitest'
import { insertedBelow, tickedIn } from './edits.ts'

describe('an edit by hand', () => {
  it('puts a line right below another one, once', () => {
    const text = '// a\nold\n\n// b\n'
    const changed = insertedBelow(text, '// a', 'new $&')
    expect(changed).toBe('// a\nnew $&\nold\n\n// b\n')
    expect(insertedBelow(changed, '// a', 'new $&')).toBe(changed)
  })

  it('ticks one item', () => {
    const list = '- [ ] feet: Feet\n\n- [ ] feet-to-yards: Yards\n'
    expect(tickedIn(list, 'feet')).toBe('- [x] feet: Feet\n\n- [ ] feet-to-yards: Yards\n')
    expect(tickedIn(list, 'yards')).toBe(list)
  })
})
