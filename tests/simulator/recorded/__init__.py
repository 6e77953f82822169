"""Holds the simulated SwarmUI to what two real servers answered (docs/simulator.md)."""
