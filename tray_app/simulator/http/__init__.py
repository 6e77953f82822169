"""The simulated server's routes, on aiohttp. Nothing outside of this folder imports aiohttp."""
