"""SwarmUI over HTTP: its routes, its session, and what they answer."""
