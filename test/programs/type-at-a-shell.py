"""Types lines at an interactive shell: type-at-a-shell.py PROMPT DONE SHELL [ARGUMENT...].

Reads a JSON list of lines from stdin. Types each line, followed by a return, once the terminal shows PROMPT; a line is
done once the terminal shows DONE and then PROMPT. Prints the output of the terminal, even if a line is not done within
a minute.
"""
import json
import os
import pty
import select
import signal
import sys
import time

prompt, done, *shell = sys.argv[1:]
lines = json.load(sys.stdin)
child, terminal = pty.fork()
if child == 0:
    os.execvp(shell[0], shell)

shown = b''


def wait_for(awaited):
    """Reads until each text of `awaited` has appeared after the previous one; False if that takes over a minute."""
    global shown
    seen_from = len(shown)
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        at = seen_from
        for text in awaited:
            found = shown.find(text.encode(), at)
            at = found + len(text.encode()) if found >= 0 else None
            if at is None:
                break
        if at is not None:
            return True
        if select.select([terminal], [], [], 1)[0]:
            try:
                shown += os.read(terminal, 65536)
            except OSError:
                return False
    return False


ready = wait_for([prompt])
for line in lines:
    if ready:
        os.write(terminal, f'{line}\r'.encode())
        ready = wait_for([done, prompt])

os.killpg(child, signal.SIGKILL)
os.close(terminal)
os.waitpid(child, 0)
sys.stdout.write(shown.decode(errors='replace'))
