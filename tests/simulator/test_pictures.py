"""Pictures, their list and their paths, beyond the recorded case."""

import struct
import zlib
from urllib.parse import quote

import pytest

from tests.simulator.client import call, get, new_session
from tray_app.simulator.clock import ManualClock
from tray_app.simulator.pictures import png
from tray_app.simulator.server import SimulatedSwarmUI


def chunks(data: bytes) -> dict[bytes, bytes]:
    """The chunks of a PNG by kind; their checksums are checked."""
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    found, at = {}, 8
    while at < len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        kind, body = data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        assert struct.unpack(">I", data[at + 8 + length : at + 12 + length]) == (zlib.crc32(kind + body),)
        found[kind] = body
        at += 12 + length
    return found


@pytest.mark.parametrize(("width", "height"), [(1, 1), (64, 64), (31, 7)])
def test_a_drawn_picture_is_a_valid_png_of_its_size(width: int, height: int) -> None:
    parts = chunks(png(5, width, height))
    assert struct.unpack(">IIBBBBB", parts[b"IHDR"]) == (width, height, 8, 2, 0, 0, 0)
    assert len(zlib.decompress(parts[b"IDAT"])) == height * (1 + 3 * width)


def test_equal_seeds_give_equal_pictures_and_others_others() -> None:
    assert png(1, 32, 32) == png(1, 32, 32) != png(2, 32, 32)


def test_every_address_answers_with_its_picture_and_a_smaller_preview(
    clock: ManualClock, server: SimulatedSwarmUI
) -> None:
    work = server.generate(images=2, prompt="50% of <lora:x:0.8> #1", size=300)
    clock.advance(10.0)
    for address in work.wait()["images"]:
        assert set('<>:"') & set(address) == set()
        whole, small = get(server.url, f"/{quote(address)}"), get(server.url, f"/{quote(address)}?preview=true")
        assert struct.unpack(">II", chunks(whole.body)[b"IHDR"][:8]) == (300, 300)
        assert struct.unpack(">II", chunks(small.body)[b"IHDR"][:8]) == (256, 256)
        assert small.headers["Content-Type"] == "image/jpg"
    assert get(server.url, "/View/local/raw/none.png").status == 404


def test_folders_of_the_last_level_are_named_but_not_looked_into(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    server.generate(images=1)
    clock.advance(5.0)
    session = new_session(server.url)

    def listing(path: str, depth: int) -> tuple[int, int]:
        reply = call(server.url, "ListImages", session, path=path, depth=depth).json
        return len(reply["folders"]), len(reply["files"])

    day = server.files()[0].split("/")[1]
    assert [listing("", depth) for depth in (1, 2, 3)] == [(1, 0), (2, 0), (2, 1)]
    assert [listing("raw", depth) for depth in (1, 2)] == [(1, 0), (1, 1)]
    assert listing(f"raw/{day}", 1) == (0, 1)
    assert listing("nowhere", 3) == (0, 0)


def test_a_batch_gives_one_picture_as_recorded_or_all_as_a_real_comfyui(clock: ManualClock) -> None:
    for whole, count in ((False, 2), (True, 6)):
        with SimulatedSwarmUI(clock=clock, whole_batches=whole) as server:
            server.generate(images=2, batchsize=3)
            clock.advance(10.0)
            assert len(server.files()) == count


def test_nothing_is_kept_of_an_unsaved_picture(clock: ManualClock, server: SimulatedSwarmUI) -> None:
    work = server.generate(save=False)
    clock.advance(5.0)
    assert work.wait()["images"][0].startswith("data:image/png;base64,")
    assert server.files() == []
