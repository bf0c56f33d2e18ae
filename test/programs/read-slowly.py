"""Runs a command whose stdout is a pipe that must not be waited for, and passes on what comes, after some time."""

import fcntl
import os
import subprocess
import sys
import time

reading, writing = os.pipe()
fcntl.fcntl(writing, fcntl.F_SETFL, fcntl.fcntl(writing, fcntl.F_GETFL) | os.O_NONBLOCK)
command = subprocess.Popen(sys.argv[1:], stdout=writing)
os.close(writing)
time.sleep(0.5)
while part := os.read(reading, 8192):
    sys.stdout.buffer.write(part)
sys.exit(command.wait())
