"""How many windows, pictures and other things the programs on a display hold in its X server (X-Resource extension)."""

import ctypes
import ctypes.util


class _Client(ctypes.Structure):
    _fields_ = (("resource_base", ctypes.c_ulong), ("resource_mask", ctypes.c_ulong))


class _Type(ctypes.Structure):
    _fields_ = (("resource_type", ctypes.c_ulong), ("count", ctypes.c_uint))


def x_resources(display: str) -> int:
    """All of all programs together."""
    x11, xres = (ctypes.CDLL(name) for name in ("libX11.so.6", "libXRes.so.1"))
    x11.XOpenDisplay.restype = ctypes.c_void_p
    opened = x11.XOpenDisplay(display.encode())
    assert opened, f"no display {display}"
    connection = ctypes.c_void_p(opened)
    clients, number = ctypes.POINTER(_Client)(), ctypes.c_int()
    assert xres.XResQueryClients(connection, ctypes.byref(number), ctypes.byref(clients))
    total = 0
    for place in range(number.value):
        types, kinds = ctypes.POINTER(_Type)(), ctypes.c_int()
        base = ctypes.c_ulong(clients[place].resource_base)
        assert xres.XResQueryClientResources(connection, base, ctypes.byref(kinds), ctypes.byref(types))
        total += sum(types[kind].count for kind in range(kinds.value))
        x11.XFree(types)
    x11.XFree(clients)
    x11.XCloseDisplay(connection)
    return total
