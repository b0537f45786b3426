"""
Draw a published sample again at home: python3 redraw_sample.py HEAD AKIMAT DAY [SIZE NUMBERS.txt]

Needs Python 3 and nothing else, no network. HEAD is the head of the trail that was sealed for the day before
the draw, AKIMAT the code of the akimat, DAY the day of the draw (2026-09-01). With these it says the seed,
with SIZE and a file of file numbers, one a line, also their digest and which of them are drawn, in order.
"""

import hashlib
import sys
from pathlib import Path


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


def say(*words):
    sys.stdout.write(" ".join(map(str, words)) + "\n")


def main(arguments):
    if len(arguments) not in (3, 5):
        say(__doc__.strip())
        return 2
    seed = sha256("\n".join(arguments[:3]))
    say("Seed:", seed)
    if len(arguments) == 5:
        numbers = sorted(set(Path(arguments[4]).read_text(encoding="utf-8").split()))
        say("File numbers:", len(numbers), sha256("".join(f"{number}\n" for number in numbers)))
        drawn = sorted(numbers, key=lambda number: (sha256(f"{seed}\n{number}"), number))
        for number in drawn[: int(arguments[3])]:
            say(number)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
