"""Checks the chain of hashes of an events.jsonl as its format words it, knowing nothing else of claimlog.

Prints how many lines hold; exits with 1 at the first that does not."""
import hashlib
import json
import sys

previous = b""
lines = open(sys.argv[1], "rb").read().split(b"\n")
if lines.pop() != b"":
    sys.exit("the last line has no end")
for number, line in enumerate(lines, start=1):
    event = json.loads(line.decode("utf-8"))
    digits = event["hash"].encode("ascii")
    text = line.removesuffix(b',"hash":"' + digits + b'"}') + b"}"
    expected = hashlib.sha256(previous + text).hexdigest()[:32].encode("ascii")
    if digits != expected or event["seq"] != number or list(event)[:2] != ["seq", "event"]:
        sys.exit(f"line {number} does not hold")
    previous = digits
print(f"{len(lines)} lines hold")
