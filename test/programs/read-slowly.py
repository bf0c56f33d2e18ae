"""Runs a command whose stdout is a non-blocking pipe, and reads and prints its output after half a second."""

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
