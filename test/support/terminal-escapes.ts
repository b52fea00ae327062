/**
 * What a hostile program writes to a terminal, or an agent into a text, to change what a person
 * sees or what the person's terminal does. Each has the words `begin` and `end` around it. Byte
 * strings: `\xc2\x9b` is the eight-bit CSI in UTF-8.
 */
export const terminalEscapes: readonly (readonly [what: string, bytes: string])[] = (
  [
    ['a title', '\x1b]0;forged\x07'],
    ['the clipboard', '\x1b]52;c;ZXZpbA==\x1b\\'],
    ['a link', '\x1b]8;;https://evil.example\x1b\\text\x1b]8;;\x1b\\'],
    ['a notice', '\x1b]777;notify;forged;forged\x07'],
    ['a device string', '\x1bPforged\x1b\\'],
    ['a passthrough of tmux', '\x1bPtmux;\x1b\x1b]52;c;ZXZpbA==\x07\x1b\\'],
    ['an application string', '\x1b_Gforged\x1b\\'],
    ['a question to the terminal', '\x1b[6n\x1b[c\x1b]10;?\x07'],
    ['a private mode', '\x1b[?1049h\x1b[?2004l\x1b[?1000h'],
    ['a reset', '\x1bc\x1b[!p'],
    ['an eight-bit CSI', '\xc2\x9b31m'],
    ['an eight-bit OSC', '\xc2\x9d0;forged\xc2\x9c'],
    ['a bare eight-bit CSI', '\x9b31m'],
    ['one eight-bit CSI in another', '\xc2\xc2\x9b\x9b31m'],
    ['an eight-bit CSI around a NUL', '\xc2\x00\x9b31m'],
    ['an eight-bit CSI around a colour', '\xc2\x1b[0m\x9b31m'],
    ['one ESC in another', '\x1b\x1b[0m[31m'],
    ['text from right to left', '\xe2\x80\xaedesrever\xe2\x80\xac'],
    ['one change of direction in another', '\xe2\x80\xe2\x80\xae\xaedesrever'],
    ['an isolate', '\xe2\x81\xa7x\xe2\x81\xa9'],
    ['an Arabic letter mark', '\xd8\x9cx'],
    ['tags that hide a text', '\xf3\xa0\x81\x81\xf3\xa0\x81\x82'],
    ['ends of lines', '\xe2\x80\xa8\xe2\x80\xa9\xc2\x85\x0b\x0c'],
    ['backspaces', 'forged\x08\x08\x08\x08\x08\x08\x7f'],
    ['bells and shifts', '\x07\x0e\x0f\x05'],
    ['no character', '\xff\xfe\xc0\x80\xed\xa0\x80\xf5'],
  ] as const
).map(([what, bytes]) => [what, `begin ${bytes} end`])

/** As a file or a pipe carries them. */
export const bytesOf = (escape: string): Buffer => Buffer.from(escape, 'latin1')

/** Characters that no text for people may hold. */
export const hidden = /[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u2028\u2029\u{e0000}-\u{e007f}]/u
