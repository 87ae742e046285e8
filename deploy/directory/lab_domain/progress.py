"""Progress for people on stderr, and the one kind of error that is told without a stack trace."""

import contextlib
import os
import subprocess
import sys
import time

_began = time.monotonic()
_output = sys.stderr


class Failure(Exception):
    """Something that the reader can understand and mend; its text says what and how."""


def say(text):
    print(f"samba-dc: {time.monotonic() - _began:5.1f} s  {text}", file=_output, flush=True)


@contextlib.contextmanager
def others_write_to(log):
    """Meanwhile the chatter of libraries, also C's, goes to a log; `say` still reaches people. An
    unexpected error shows the log's end."""
    global _output
    sys.stdout.flush()
    kept = [os.dup(1), os.dup(2)]
    with open(log, "ab", buffering=0) as file, os.fdopen(os.dup(2), "w") as people:
        _output = people
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
        try:
            yield
        except Exception:
            with open(log, encoding="utf-8", errors="replace") as text:
                people.write("".join(text.readlines()[-20:]))
            raise
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in enumerate(kept, start=1):
                os.dup2(original, number)
                os.close(original)
            _output = sys.stderr


def run(command):
    """Runs a program and returns its standard output; a failure carries the program's own words."""
    try:
        done = subprocess.run([str(part) for part in command], check=False, text=True,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
    except FileNotFoundError as missing:
        raise Failure(f"{missing.filename} is missing; install it with: deploy/packages directory"
                      ) from None
    if done.returncode != 0:
        raise Failure(f"{command[0]} ended with {done.returncode}: {done.stderr.strip()[-2000:]}")
    return done.stdout
