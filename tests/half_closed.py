"""Sockets in CLOSE-WAIT to look at: a listener that closes first, and clients that do not close."""

import socket


class HalfClosed:
    def __init__(self, count, port=9999):
        self.listener = socket.create_server(("127.0.0.1", port))
        self.clients = []
        self.add(count)

    def add(self, count):
        for _ in range(count):
            client = socket.create_connection(self.listener.getsockname())
            self.listener.accept()[0].close()
            assert client.recv(1) == b""
            self.clients.append(client)

    def close(self):
        for client in self.clients:
            client.close()
        self.listener.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
