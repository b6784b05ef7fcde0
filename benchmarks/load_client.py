"""Sends one request after another over some connections for some seconds, and prints what it measured as JSON.

Runs in a process of its own, in one thread, with sockets and nothing else, so that the client costs little beside
the server: python load_client.py PORT CONNECTIONS SECONDS < request description (JSON on standard input).

The description: {"path": "/w/...", "type": "application/json", "body": "... %ID% ... %CODE% ..."}; in every request
%ID% becomes 32 fresh hexadecimal digits and %CODE% a fresh receipt code.
"""

from __future__ import annotations

import json
import random
import selectors
import socket
import sys
import time

ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


class Sender:
    """One connection with one request under way."""

    def __init__(self, port: int) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sent_at = 0.0
        self.received = b""

    def complete(self) -> int:
        """Read what has come; the status of a complete answer, else 0."""
        self.received += self.socket.recv(65536)
        head_end = self.received.find(b"\r\n\r\n")
        if head_end < 0:
            return 0
        head = self.received[:head_end].lower()
        at = head.find(b"content-length:")
        length = int(head[at + 15 :].split(b"\r\n", 1)[0]) if at >= 0 else 0
        if len(self.received) < head_end + 4 + length:
            return 0
        self.received = b""
        return int(head[9:12])


def run(port: int, connections: int, seconds: float, description: dict[str, str]) -> dict[str, object]:
    """Warm up for a second, measure for `seconds`, and give requests per second and milliseconds."""
    before_id, rest = description["body"].split("%ID%")
    before_code, after = rest.split("%CODE%")
    body_length = len(f"{before_id}{'0' * 32}{before_code}{'2' * 12}{after}".encode())
    head = (
        f"POST {description['path']} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Type: {description['type']}\r\n"
        f"Accept: application/json\r\nContent-Length: {body_length}\r\n\r\n"
    )
    first, second, third = (head + before_id).encode(), before_code.encode(), after.encode()
    chance = random.SystemRandom()
    seed = random.Random(chance.getrandbits(64))

    def request() -> bytes:
        code = "".join(seed.choices(ALPHABET, k=12)).encode()
        return b"".join((first, b"%032x" % seed.getrandbits(128), second, code, third))

    waiting = selectors.DefaultSelector()
    senders = [Sender(port) for _ in range(connections)]
    now = time.perf_counter
    for sender in senders:
        waiting.register(sender.socket, selectors.EVENT_READ, sender)
        sender.sent_at = now()
        sender.socket.sendall(request())
    start = now() + 1.0
    end = start + seconds
    took: list[float] = []
    statuses: dict[int, int] = {}
    moment = now()
    while moment < end:
        for key, _ in waiting.select(1.0):
            sender = key.data
            status = sender.complete()
            if not status:
                continue
            moment = now()
            if start <= moment < end:
                took.append(moment - sender.sent_at)
                statuses[status] = statuses.get(status, 0) + 1
            sender.sent_at = moment
            sender.socket.sendall(request())
        moment = now()
    took.sort()
    return {
        "per_second": len(took) / seconds,
        "p50_ms": took[len(took) // 2] * 1000 if took else None,
        "p99_ms": took[int(len(took) * 0.99)] * 1000 if took else None,
        "statuses": statuses,
        "cpu_seconds": time.process_time(),
    }


if __name__ == "__main__":
    print(json.dumps(run(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]), json.load(sys.stdin))))
