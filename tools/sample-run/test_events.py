"""Checks the framing of event files against the published check value of CRC-32C."""
import struct
import tempfile
import unittest
from pathlib import Path

from events import EventFile, masked_crc, record, varint


class Events(unittest.TestCase):
    def test_checksum(self):
        plain = 0xE3069283
        self.assertEqual(masked_crc(b"123456789"), ((plain >> 15 | plain << 17) + 0xA282EAD8) & 0xFFFFFFFF)

    def test_varint(self):
        self.assertEqual([varint(1), varint(300)], [b"\x01", b"\xac\x02"])

    def test_file(self):
        with tempfile.TemporaryDirectory() as folder:
            log = EventFile(Path(folder))
            log.add(3, {"a/b": 0.5})
            log.close()
            data = next(Path(folder).iterdir()).read_bytes()
        (length,) = struct.unpack("<Q", data[:8])
        self.assertEqual(data[:8 + 4 + length + 4], record(data[12:12 + length]))
        self.assertIn(b"brain.Event:2", data[:12 + length])
        self.assertTrue(data.endswith(struct.pack("<I", masked_crc(data[8 + 4 + length + 4 + 12:-4]))))
        self.assertIn(b"\x0a\x03a/b\x15" + struct.pack("<f", 0.5), data)


if __name__ == "__main__":
    unittest.main()
