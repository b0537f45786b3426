"""
Check a receipt of a sealed housing list at home: python3 verify_receipt.py RECEIPT.json [ROOT]

Needs Python 3 and nothing else, no network. ROOT is the root as published on the akimat's page (or in a
newspaper); without it the receipt is checked against the root that it names itself. Exit code 0: it holds;
1: it does not; 2: the file is no receipt.
"""

import hashlib
import json
import sys
from pathlib import Path


def digest_of_line(line):
    text = json.dumps(line, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(b"\x00" + text.encode()).digest()


def climb(digest, path):
    for step in path:
        beside = bytes.fromhex(step["sha256"])
        pair = beside + digest if step["side"] == "left" else digest + beside
        digest = hashlib.sha256(b"\x01" + pair).digest()
    return digest.hex()


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def main(arguments):
    try:
        receipt = json.loads(Path(arguments[0]).read_text(encoding="utf-8"))
        if receipt["format"] != "seal-receipt/1":
            raise ValueError("unknown format")
        line, root = receipt["line"], receipt["root"]
        reached = climb(digest_of_line(line), receipt["path"])
    except (IndexError, AttributeError, OSError, ValueError, KeyError, TypeError) as error:
        say("This is no receipt:", error)
        return 2
    say("File number:     ", line["file_number"])
    say("List:            ", line["list"])
    say("Registered:      ", line["registered_at"], "(UTC)")
    say("Place when sealed:", line["place"])
    published = arguments[1].strip().lower() if len(arguments) > 1 else root
    if reached == published == root:
        say("HOLDS: this line is part of the list with the root", root)
        return 0
    say("DOES NOT HOLD: the line leads to", reached, "and not to", published)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
