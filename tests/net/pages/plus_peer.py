#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Both ends of S7comm-plus for the page's test: messages in the clear, and TLS by OpenSSL inside of data TPDUs.

    plus_peer.py server ADDRESS LOG
    plus_peer.py client ADDRESS WORD...    on one connection, behind the session's first object; a line of answer for each

Words: the functions of FUNCTIONS, keep-alive, session-end, tls (instead of all others), s7comm (a stop of the other protocol).
The server's lines: "done FUNCTION", "keep-alive", "tls TEXT", "s7comm".
"""
import socket
import socketserver
import ssl
import struct
import sys

FUNCTIONS = {"explore": 0x4bb, "create-object": 0x4ca, "delete-object": 0x4d4, "set-variable": 0x4f2, "get-variable": 0x4fc,
             "get-link": 0x524, "set-multi-variables": 0x542, "get-multi-variables": 0x54c, "invoke": 0x56b}
WORDS = {code: word for word, code in FUNCTIONS.items()}
SESSION, OWN = 0x120, 0x394
STOP = bytes.fromhex("3201 0000 0009 0010 0000 29 0000000000 09") + b"P_PROGRAM"
TLS = 0x14, 0x17


def tpkt(body):
    return struct.pack(">BBH", 3, 0, 4 + len(body)) + body


def data(message):
    return tpkt(b"\x02\xf0\x80" + message)


def plus(opcode, function, number, rest):
    body = struct.pack(">BHHHH", opcode, 0, function, 0, number) + rest
    return b"\x72\x02" + struct.pack(">H", len(body)) + body + b"\x72\x02\0\0"


def request(word, number, about, what=0):
    return plus(0x31, FUNCTIONS[word], number, struct.pack(">IBI", about, 0x34, what))


class Messages:
    """What comes over a connection, TPDU by TPDU."""

    def __init__(self, connection):
        self.connection, self.bytes = connection, b""

    def next(self):
        while len(self.bytes) < 4 or len(self.bytes) < struct.unpack(">H", self.bytes[2:4])[0]:
            more = self.connection.recv(4096)
            if not more:
                raise ConnectionError("it is closed")
            self.bytes += more
        length = struct.unpack(">H", self.bytes[2:4])[0]
        message, self.bytes = self.bytes[4:length], self.bytes[length:]
        return message


class Secure:
    """TLS without certificates, which the peers of a test do not have; its records go into data TPDUs."""

    def __init__(self, messages, server):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else ssl.PROTOCOL_TLS_CLIENT)
        if not server:
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers("AECDH-AES256-SHA:@SECLEVEL=0")
        self.messages, self.come, self.go = messages, ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.come, self.go, server_side=server)

    def until_done(self, work):
        while True:
            try:
                return work()
            except ssl.SSLWantReadError:
                self.send()
                self.come.write(self.messages.next()[3:])
            finally:
                self.send()

    def send(self):
        told = self.go.read()
        if told:
            self.messages.connection.sendall(data(told))


class Controller(socketserver.BaseRequestHandler):
    def handle(self):
        messages = Messages(self.request)
        try:
            self.request.sendall(tpkt(bytes.fromhex("11d0 0001 0002 00 c0010a c1020600 c2020102")) if messages.next() else b"")
            while True:
                self.take(messages, messages.next()[3:])
        except OSError:
            pass

    def take(self, messages, message):
        if TLS[0] <= message[0] <= TLS[1]:
            secure = Secure(messages, True)
            secure.come.write(message)
            secure.until_done(secure.tls.do_handshake)
            text = secure.until_done(lambda: secure.tls.read(100))
            print("tls", text.decode(), file=log)
            secure.tls.write(text[::-1])
            secure.send()
        elif message[0] == 0x32:
            print("s7comm", file=log)
            self.request.sendall(data(bytes.fromhex("3203 0000 0009 0001 0000 0000 29")))
        elif message[1] == 0xff:
            print("keep-alive", file=log)
            self.request.sendall(data(message))
        else:
            function, number = struct.unpack(">HxxH", message[7:13])
            print("done", WORDS.get(function), file=log)
            self.request.sendall(data(plus(0x32, function, number, b"\x34" + bytes(4))))


def answer(messages, word, number):
    if word == "tls":
        secure = Secure(messages, False)
        secure.until_done(secure.tls.do_handshake)
        secure.tls.write(b"secret")
        return secure.until_done(lambda: secure.tls.read(100)).decode()
    if word == "keep-alive":
        messages.connection.sendall(data(b"\x72\xff\x01\0"))
    elif word == "s7comm":
        messages.connection.sendall(data(STOP))
    elif word == "session-end":
        messages.connection.sendall(data(request("delete-object", number, OWN, OWN)))
    else:
        messages.connection.sendall(data(request(word, number, OWN)))
    return messages.next()[3:].hex()


def client():
    try:
        messages = Messages(socket.create_connection((sys.argv[2], 102), 5))
        messages.connection.settimeout(2)
        messages.connection.sendall(tpkt(bytes.fromhex("1fe0 0000 0001 00 c1020600 c210") + b"SIMATIC-ROOT-HMI"
                                         + b"\xc0\x01\x0a"))
        messages.next()
        if sys.argv[3] not in ("tls", "s7comm"):
            messages.connection.sendall(data(request("create-object", 1, SESSION)))
            messages.next()
        for number, word in enumerate(sys.argv[3:], 2):
            print("yes", answer(messages, word, number), flush=True)
    except OSError as error:
        print("no", error)


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


if sys.argv[1] == "client":
    client()
else:
    log = open(sys.argv[3], "a", buffering=1, encoding="ascii")
    server = Server((sys.argv[2], 102), Controller)
    print("ready", file=log)
    server.serve_forever()
