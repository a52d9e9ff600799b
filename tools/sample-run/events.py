"""A writer of TensorBoard event files: scalars only, no package needed."""
import struct
import time

POLYNOMIAL = 0x82F63B78


def crc_table():
    """The table of CRC-32C (Castagnoli), one entry a byte."""
    table = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (POLYNOMIAL if value & 1 else 0)
        table.append(value)
    return table


TABLE = crc_table()


def masked_crc(data):
    """CRC-32C of the bytes, masked as TFRecord files want it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc = TABLE[(crc ^ byte) & 0xFF] ^ crc >> 8
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def varint(number):
    """A protobuf varint of a number >= 0."""
    data = bytearray()
    while number > 127:
        data.append(number & 127 | 128)
        number >>= 7
    data.append(number)
    return bytes(data)


def field(number, data):
    """A length-delimited protobuf field."""
    return varint(number << 3 | 2) + varint(len(data)) + data


def record(payload):
    """One TFRecord: length, its checksum, payload, its checksum."""
    length = struct.pack("<Q", len(payload))
    return length + struct.pack("<I", masked_crc(length)) + payload + struct.pack("<I", masked_crc(payload))


class EventFile:
    """Appends events to `events.out.tfevents.<seconds>.sample` in a folder."""

    def __init__(self, folder):
        folder.mkdir(parents=True, exist_ok=True)
        self.file = open(folder / f"events.out.tfevents.{int(time.time())}.sample", "wb")
        self.file.write(record(self.stamp() + field(3, b"brain.Event:2")))

    def stamp(self):
        """The field `wall_time`."""
        return b"\x09" + struct.pack("<d", time.time())

    def add(self, step, numbers):
        """One event a number, as `add_scalar` writes them."""
        for tag, value in numbers.items():
            scalar = field(1, tag.encode()) + b"\x15" + struct.pack("<f", value)
            self.file.write(record(self.stamp() + b"\x10" + varint(step) + field(5, field(1, scalar))))
        self.file.flush()

    def close(self):
        self.file.close()
