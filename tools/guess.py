"""Guesses at file numbers and IINs as an attacker would, and says whether an installation stops it.

python -m tools.guess http://127.0.0.1:8000            an installation on this machine
python -m tools.guess https://HOST --allow HOST        another one, whose owner agreed

Nobody is harmed: numbers and IINs are invented (no one alive has such an IIN), and guesses come from
addresses of the loopback that nobody else uses. Exit code 1 if a guess too many was answered, if somebody
else was locked, or if wrong answers differ.
"""

import argparse
import http.client
import ipaddress
import socket
import sys
import time
from urllib.parse import urlencode, urlsplit

from tools.console import StartError
from tools.guesses import Answer, Ask, Guess, Limits, attacks, try_all

_SECONDS = 30


def asker(url: str) -> Ask:
    """Return what sends a guess to an installation as a browser sends the form."""
    parts = urlsplit(url)
    connect = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection

    def ask(guess: Guess) -> Answer:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if guess.says:
            headers["X-Forwarded-For"] = guess.says
        body = urlencode({"file_number": guess.number, "iin": guess.iin})
        source = (guess.address, 0) if guess.address else None
        connection = connect(parts.hostname or "", parts.port, timeout=_SECONDS, source_address=source)
        try:
            connection.request("POST", guess.door, body, headers)
            came = connection.getresponse()
            return Answer(status=came.status, body=came.read())
        finally:
            connection.close()

    return ask


def is_on_this_machine(host: str) -> bool:
    """Say whether a host is the loopback, whatever it is called."""
    found = {info[4][0] for info in socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)}
    return all(ipaddress.ip_address(address).is_loopback for address in found)


def main(arguments: list[str] | None = None) -> int:
    """Guess; return 1 if an attack was not stopped, or stopped somebody else."""
    given = _parser().parse_args(arguments)
    host = urlsplit(given.url).hostname
    if host is None:
        raise StartError("Give the address with its scheme: http://127.0.0.1:8000")
    here = is_on_this_machine(host)
    if not here and given.allow != host:
        raise StartError(
            f"{host} is not this machine. If its owner agrees to ten thousand guesses, say so: --allow {host}"
        )
    limits = Limits(by_address=given.by_address, by_number=given.by_number, by_iin=given.by_iin)
    salt = int(time.time()) if given.salt is None else given.salt
    planned = attacks(
        guesses=given.guesses, limits=limits, many_addresses=here, salt=salt, known=given.number
    )
    failed = False
    for result in try_all(planned, asker(given.url)):
        told = ", ".join(f"{count:,} {outcome}" for outcome, count in sorted(result.counts.items()))
        print(f"{'FAILED' if result.faults else 'stopped'}  {result.attack}: {told}", flush=True)
        for fault in result.faults:
            print(f"        {fault}", flush=True)
        failed = failed or bool(result.faults)
    if not here:
        print("        Guesses from many addresses are tried on the loopback alone.")
    return int(failed)


def _parser() -> argparse.ArgumentParser:
    usual = Limits()
    parser = argparse.ArgumentParser(prog="python -m tools.guess", description=__doc__.split("\n", 1)[0])
    parser.add_argument("url", help="of the installation: http://127.0.0.1:8000")
    parser.add_argument("--guesses", type=int, default=2_500, help="of each of the four attacks")
    parser.add_argument("--number", default="", help="a file number that is there, to be guessed at once")
    parser.add_argument("--allow", default="", metavar="HOST", help="a host other than this machine")
    parser.add_argument("--by-address", type=int, default=usual.by_address, help="LOOK_UPS_PER_ADDRESS there")
    parser.add_argument(
        "--by-number", type=int, default=usual.by_number, help="FAILURES_PER_FILE_NUMBER there"
    )
    parser.add_argument("--by-iin", type=int, default=usual.by_iin, help="FAILURES_PER_IIN there")
    parser.add_argument(
        "--salt", type=int, help="which invented numbers are used; the clock says it by itself"
    )
    return parser


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (StartError, OSError) as problem:
        sys.exit(f"python -m tools.guess: {problem}")
