#!/usr/bin/python3
"""A crowd at the webhook, for stories of floods: connections that say nothing, requests that come a byte at a time, and
forged notifications without end. Runs until its standard input ends, then prints what it did as JSON.

usage: crowd.py PORT {idle,slow-head,slow-body,forged} COUNT

Every connection that the other side ends is opened again, at most a thousand a second: a faster crowd would only run
out of ports of its own.
"""
import json
import os
import resource
import selectors
import socket
import sys
import time

AGAIN_EACH_SECOND = 1000
DRIP_EACH = 0.3  # seconds
HEAD = b"POST /graph/notifications HTTP/1.1\r\nHost: hooks\r\nContent-Type: application/json\r\n"


def forged_request():
    """A batch that is right in everything but the secret."""
    item = {"subscriptionId": "7e9a2d1c-0000-4000-8000-00000000beef", "clientState": "guessed",
            "tenantId": "11111111-2222-3333-4444-555555555555", "changeType": "updated",
            "resource": "Groups/7e9a2d1c-0000-4000-8000-00000000cafe"}
    body = json.dumps({"value": [item] * 200}).encode()
    return HEAD + b"Content-Length: %d\r\n\r\n" % len(body) + body


class Crowd:
    def __init__(self, port, kind, count):
        self.address = ("127.0.0.1", port)
        self.kind = kind
        self.count = count
        self.selector = selectors.DefaultSelector()
        self.open = {}  # socket -> bytes that are still to be sent
        self.request = forged_request()
        self.told = {"opened": 0, "ended": 0, "answers": 0, "most": 0}

    def connect(self):
        one = socket.socket()
        one.setblocking(False)
        one.connect_ex(self.address)
        self.told["opened"] += 1
        if self.kind == "slow-body":
            sending = HEAD + b"Content-Length: 1000\r\n\r\n"
        elif self.kind == "forged":
            sending = self.request
        else:
            sending = b""
        self.open[one] = sending
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if sending else 0)
        self.selector.register(one, events)
        self.told["most"] = max(self.told["most"], len(self.open))

    def end(self, one):
        self.selector.unregister(one)
        del self.open[one]
        one.close()
        self.told["ended"] += 1

    def send(self, one):
        sent = one.send(self.open[one])
        self.open[one] = self.open[one][sent:]
        if not self.open[one]:
            self.selector.modify(one, selectors.EVENT_READ)

    def receive(self, one):
        got = one.recv(65536)
        if not got:
            return self.end(one)
        self.told["answers"] += got.count(b"HTTP/1.1 ")
        if self.kind == "forged" and not self.open[one]:
            self.open[one] = self.request
            self.selector.modify(one, selectors.EVENT_READ | selectors.EVENT_WRITE)
        return None

    def serve(self, one, events):
        try:
            if events & selectors.EVENT_WRITE and self.open[one]:
                self.send(one)
            if events & selectors.EVENT_READ:
                self.receive(one)
        except BlockingIOError:
            pass
        except OSError:
            self.end(one)

    def drip(self):
        for number, one in enumerate(list(self.open)):
            try:
                one.send(b"X-%d: a\r\n" % number if self.kind == "slow-head" else b" ")
            except BlockingIOError:
                pass
            except OSError:
                self.end(one)

    def run(self):
        os.set_blocking(sys.stdin.fileno(), False)
        allowed, last = self.count, time.monotonic()
        dripped = last
        while sys.stdin.buffer.read(1) != b"":
            now = time.monotonic()
            allowed = min(allowed + (now - last) * AGAIN_EACH_SECOND, self.count)
            last = now
            while len(self.open) < self.count and allowed >= 1:
                allowed -= 1
                self.connect()
            if self.kind.startswith("slow") and now - dripped > DRIP_EACH:
                dripped = now
                self.drip()
            for key, events in self.selector.select(0.02):
                if key.fileobj in self.open:
                    self.serve(key.fileobj, events)


def main():
    port, kind, count = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(count + 100, hard), hard))
    os.nice(5)  # a crowd has machines of its own
    crowd = Crowd(port, kind, count)
    try:
        crowd.run()
    finally:
        print(json.dumps(crowd.told), flush=True)


if __name__ == "__main__":
    main()
