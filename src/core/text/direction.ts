/** What the run builds, in the words of a person, at the root of the target branch. */
export const directionPath = 'PROJECT_DIRECTION.md'
