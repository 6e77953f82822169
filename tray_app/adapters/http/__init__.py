"""HTTP to one origin: connections, proxies, certificates, deadlines. Knows nothing of SwarmUI."""
