#compdef claimlog
# Completion for claimlog in zsh. Load it from ~/.zshrc, after compinit:
#   source <(claimlog completion zsh)

_claimlog() {
  local type line typed=$PREFIX
  local -a lines names shown
  # Only quotes are removed: nothing in the typed text is evaluated.
  [[ $compstate[quote] == \' ]] || typed=${(Q)PREFIX}
  lines=("${(@f)$(claimlog __complete zsh "${(@Q)words[2,CURRENT-1]}" "$typed" 2>/dev/null </dev/null)}")
  type=$lines[1]
  shift lines
  if [[ $type == (files|directories|commands) ]]; then
    [[ $PREFIX == --*=* ]] && compset -P '*='
    case $type in
      (files) _files ;;
      (directories) _files -/ ;;
      (commands) _command_names -e ;;
    esac
    return
  fi
  for line in $lines; do
    names+=("${line%%$'\t'*}")
    shown+=("${line/$'\t'/  -- }")
  done
  (( $#names )) && compadd -l -V claimlog -d shown -a names
}

if [[ $funcstack[1] == _claimlog ]]; then
  _claimlog "$@"
elif (( $+functions[compdef] )); then
  compdef _claimlog claimlog
fi
