# For scripts that save a workspace: repositories that were created or cloned within it. `git add`
# makes links of them, without a file, or fails. A path a line; the character 1 stands for a line
# break in a name.

# Prints the paths of those that are neither added nor ignored.
nested_repositories() {
  git ls-files -z --others --exclude-standard | tr '\n\000' '\001\n' | LC_ALL=C sed -n 's,/$,,p'
}

# Prints the paths of those that were added as links and are no submodules.
linked_repositories() {
  git ls-files -z --stage | tr '\n\000' '\001\n' | LC_ALL=C sed -n 's/^160000 [^	]*	//p' | while IFS= read -r line; do
    decode "$line"
    [ ! -e "$path/.git" ] || git config --file .gitmodules --get-regexp '^submodule\..*\.path$' 2>/dev/null |
      cut -d ' ' -f 2- | grep -Fqx -e "$path" || printf '%s\n' "$line"
  done
}

# Sets $path to the path that a line stands for.
decode() {
  path=$(printf '%s/' "$1" | tr '\001' '\n')
  path=${path%/}
}

# Adds everything to the index; of the repositories in $inside, the files that they show, and those
# of the repositories within them. Arguments: options for git add.
add_everything() {
  set -- "$@" -- .
  while IFS= read -r line; do
    decode "$line"
    [ -z "$path" ] || set -- "$@" ":(exclude,literal,top)$path"
  done <<END
$inside
END
  git add --all "$@"
  printf '%s\n' "$inside" | while IFS= read -r line; do
    decode "$line"
    [ -n "$path" ] || continue
    tree=$(tree_of_nested)
    git update-index --force-remove -- "$path"
    git read-tree --prefix="$path/" "$tree"
  done
}

# Prints the tree of the files that the repository at $path shows.
tree_of_nested() {
  GIT_DIR=$(git rev-parse --absolute-git-dir)
  cd "./$path" || return
  GIT_WORK_TREE=$PWD
  GIT_INDEX_FILE=$(mktemp -u)
  export GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
  inside=$(nested_repositories)
  add_everything --ignore-errors 2>/dev/null || true
  git write-tree
  rm -f "$GIT_INDEX_FILE"
}
