"""Heavy work that people wait for: each a process of its own that prints JSON lines and ends."""
