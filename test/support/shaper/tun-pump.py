"""Two TUN devices as two byte streams of IP packets: Node cannot do the ioctl that attaches to one.

usage: tun-pump.py <first name> <second name>, with a stream socket each at file descriptors 3 and 4.
Packets follow each other on the streams without anything between: an IP header says how long its packet is.
Nothing is decided here; see shaped-network.ts.
"""
import fcntl
import os
import select
import socket
import struct
import sys

TUNSETIFF = 0x400454CA  # linux/if_tun.h
IFF_TUN, IFF_NO_PI = 0x0001, 0x1000
LARGEST = 65535
BATCH = 64


def attach(name):
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


class Pump:
    def __init__(self, name, stream):
        self.tun = attach(name)
        self.stream = socket.socket(fileno=stream)
        self.stream.setblocking(True)
        self.rest = b""

    def outward(self):
        packets = []
        try:
            for _ in range(BATCH):
                packets.append(os.read(self.tun, LARGEST))
        except BlockingIOError:
            pass
        except OSError:
            sys.exit(0)  # The device went with its namespace.
        if packets:
            self.stream.sendall(b"".join(packets))

    def inward(self):
        received = self.stream.recv(1 << 18)
        if not received:
            sys.exit(0)
        data = self.rest + received
        start, end = 0, len(data)
        while end - start >= 20:
            length = data[start + 2] << 8 | data[start + 3]
            if start + length > end:
                break
            try:
                os.write(self.tun, data[start : start + length])
            except OSError:
                pass  # The device is down, or full: packets may be lost.
            start += length
        self.rest = data[start:]


pumps = [Pump(sys.argv[1], 3), Pump(sys.argv[2], 4)]
poll = select.poll()
actions = {}
for pump in pumps:
    actions[pump.tun] = pump.outward
    actions[pump.stream.fileno()] = pump.inward
    poll.register(pump.tun, select.POLLIN)
    poll.register(pump.stream, select.POLLIN)
print("ready", flush=True)
while True:
    for descriptor, _ in poll.poll():
        actions[descriptor]()
