"""The addresses of the simulated bench, as `scpi-run sim` told them: lines on the standard input."""

import re
import signal
import sys

# Whatever hangs ends here, in seconds.
signal.alarm(60)

_FORMS = {
    "tcp": re.compile(r"tcp://(?P<host>[^:]+):(?P<port>\d+)$"),
    "hislip": re.compile(r"TCPIP::(?P<host>[^:]+)::hislip0,(?P<port>\d+)::INSTR$"),
    "vxi11": re.compile(r"vxi11://(?P<host>[^:]+):(?P<port>\d+)/inst0$"),
    "serial": re.compile(r"serial://(?P<host>/[^?]+)\?baud=(?P<port>\d+)$"),
}


def _read(lines):
    found = {}
    for line in lines:
        name, _, address = line.strip().partition(" ")
        for transport, form in _FORMS.items():
            match = form.match(address)
            if match:
                found[name, transport] = match["host"], int(match["port"])
    return found


PLACES = _read(sys.stdin)


def same(found, wanted):
    """Ends the script unless what was found is what is wanted."""
    if found != wanted:
        raise SystemExit(f"found {found!r} where {wanted!r} is wanted")
