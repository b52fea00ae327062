/**
 * The text as a person can judge it: each character that shows nothing, moves the cursor or changes
 * the direction of writing appears as `<U+202E>`. Line feeds and tabs stay.
 */
export const visibleText = (text: string): string =>
  text
    .toWellFormed()
    .replace(
      /[^\P{Cc}\n\t]|[\p{Cf}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}]/gu,
      (character) =>
        `<U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}>`,
    )
