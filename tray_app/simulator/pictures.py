"""Pictures that the simulator draws by itself: one per seed, PNG, without any library."""

import math
import random
import struct
import zlib


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(seed: int, width: int, height: int) -> bytes:
    """An RGB picture of a hilly evening; equal arguments give equal bytes."""
    dice = random.Random(seed)
    sky = [dice.randrange(40, 200) for _ in range(3)]
    land = [dice.randrange(10, 120) for _ in range(3)]
    sun = (dice.random() * width, (0.15 + 0.4 * dice.random()) * height, 0.12 * min(width, height))
    waves = [(dice.uniform(1, 5), dice.uniform(0, math.tau), dice.uniform(0.02, 0.12)) for _ in range(3)]
    ridge = [
        height * (0.65 + sum(size * math.sin(speed * x / width * math.tau + turn) for speed, turn, size in waves))
        for x in range(width)
    ]
    rows = bytearray()
    for y in range(height):
        rows.append(0)
        glow = y / height
        above = bytes(min(255, int(part * (0.5 + glow))) for part in sky)
        below = bytes(int(part * (1.3 - glow)) for part in land)
        for x in range(width):
            if y > ridge[x]:
                rows += below
            elif (x - sun[0]) ** 2 + (y - sun[1]) ** 2 < sun[2] ** 2:
                rows += b"\xff\xe8\xb0"
            else:
                rows += above
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    parts = _chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(bytes(rows), 6)), _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)
