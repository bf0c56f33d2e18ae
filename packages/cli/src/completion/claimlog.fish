# Completion for claimlog in fish. Load it from ~/.config/fish/config.fish:
#   claimlog completion fish | source

function __claimlog_complete
    # The typed text is passed unchanged, except for quotes: nothing in it is evaluated.
    set -l before (commandline -opc)
    set -l typed (commandline -ct)
    set -l lines (claimlog __complete fish $before[2..-1] "$typed" 2>/dev/null </dev/null)
    switch "$lines[1]"
        case words
            test (count $lines) -gt 1; and printf '%s\n' $lines[2..-1]
        case files
            __fish_complete_path (commandline -ct)
        case directories
            __fish_complete_directories (commandline -ct)
        case commands
            __fish_complete_command
    end
end

complete -c claimlog -f -k -a '(__claimlog_complete)'
