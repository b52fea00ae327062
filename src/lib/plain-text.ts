/**
 * The text without invisible characters: control characters, which end a commit message (NUL) or
 * change the terminal that shows it (ESC, C1); those that change the direction of writing, so that
 * a text reads differently from what it says; and tags, in which a text for models can hide. Line
 * feeds and tabs stay; each other line ending becomes a line feed.
 */
export const plainText = (text: string): string =>
  text
    .toWellFormed()
    .replace(/\r\n?|[\u2028\u2029\u0085]/g, '\n')
    .replace(/[^\P{Cc}\n\t]|\p{Bidi_Control}|[\u{e0000}-\u{e007f}]/gu, '')
