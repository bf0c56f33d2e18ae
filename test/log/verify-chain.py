"""Checks the hash chain of an events.jsonl as docs/reference/format.md specifies it, without any code of claimlog.

Prints the number of valid lines; exits with 1 at the first invalid one."""
import hashlib
import json
import sys

previous = b""
lines = open(sys.argv[1], "rb").read().split(b"\n")
if lines.pop() != b"":
    sys.exit("the last line has no line break")
for number, line in enumerate(lines, start=1):
    event = json.loads(line.decode("utf-8"))
    digits = event["hash"].encode("ascii")
    text = line.removesuffix(b',"hash":"' + digits + b'"}') + b"}"
    expected = hashlib.sha256(previous + text).hexdigest()[:32].encode("ascii")
    if digits != expected or event["seq"] != number or list(event)[:2] != ["seq", "event"]:
        sys.exit(f"line {number} is not valid")
    previous = digits
print(f"{len(lines)} lines are valid")
