import { expect, it } from 'vitest'
import { readAnswer } from './answer.ts'

it('has what each command printed, without notifications', () => {
  const printed = ['%begin 1 1 0', '%end 1 1 0', '%session-changed $1 a', '%begin 1 2 1', 'one', '']
  const more = ['%end 1 2 1', '%sessions-changed', '%begin 1 3 1', 'two', '%end 1 3 1']
  expect(readAnswer([...printed, ...more])).toEqual({ lines: ['one', '', 'two'], error: null })
})

it('has what tmux refuses first', () => {
  const printed = ['%begin 1 1 1', '%end 1 1 1', '%begin 1 2 1', 'no such', '%error 1 2 1']
  expect(readAnswer(printed)).toEqual({ lines: [], error: 'no such' })
})

it('has a screen that shows the ends of its own and of other blocks', () => {
  const screen = [
    '%end 1 2 1',
    '%error 1 2 1',
    '%begin 1 2 1',
    '%begin 1 9 1',
    '%end 1 9 1',
    '%exit',
  ]
  expect(readAnswer(['%begin 1 2 1', ...screen, '%end 1 2 1'])).toEqual({
    lines: screen,
    error: null,
  })
})

it('is empty without a whole block', () => {
  expect(readAnswer([])).toEqual({ lines: [], error: null })
  expect(readAnswer(['%begin 1 1 1', 'cut'])).toEqual({ lines: [], error: null })
})
