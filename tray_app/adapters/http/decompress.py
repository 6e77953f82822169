"""Undoing compression that nobody asked for, within bounds."""

import zlib
from collections.abc import Iterable, Iterator

from tray_app.core.errors import Incompatible


def decoded(chunks: Iterable[bytes], encoding: str, limit: int) -> Iterator[bytes]:
    """The body as it was before compression, at most a little more than `limit` bytes of it.

    Nothing compressed is asked for; who sends it all the same is read within bounds or refused with Incompatible.
    """
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        yield from chunks
        return
    unreadable = Incompatible(
        "The answer is compressed in a way that was not asked for.", "Check the settings of the proxy before SwarmUI."
    )
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise unreadable
    unpacker = zlib.decompressobj(wbits=47)  # 32 + 15: gzip or zlib by its header
    left = limit + 1
    try:
        for chunk in chunks:
            data = unpacker.decompress(chunk, left)
            left -= len(data)
            yield data
            if left <= 0:
                return
    except zlib.error:
        raise unreadable from None
    if not unpacker.eof:
        raise unreadable
