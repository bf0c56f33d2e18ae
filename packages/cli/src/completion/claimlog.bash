# Completion for claimlog in bash. Load it from ~/.bashrc:
#   source <(claimlog completion bash)

_claimlog() {
  local type='' line
  COMPREPLY=()
  # The typed text is passed unchanged: nothing in it is evaluated.
  while IFS= read -r line; do
    if [ -z "$type" ]; then type=$line; else COMPREPLY+=("$line"); fi
  done < <(claimlog __complete bash "${COMP_LINE:0:COMP_POINT}" "$2" 2>/dev/null </dev/null)
  # Before bash 4 there is no compopt, and names with special characters are not quoted.
  case $type in
    files) compopt -o default 2>/dev/null || _claimlog_names -f "$2" ;;
    directories) compopt -o dirnames -o filenames 2>/dev/null || _claimlog_names -d "$2" ;;
    commands) _claimlog_names -c "$2" ;;
  esac
  return 0
}

_claimlog_names() {
  local name
  while IFS= read -r name; do COMPREPLY+=("$name"); done < <(compgen "$1" -- "$2")
}

complete -o nosort -F _claimlog claimlog 2>/dev/null || complete -F _claimlog claimlog
