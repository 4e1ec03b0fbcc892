"""One file a step of the path: a thin layer that calls a library and writes a sealed artifact."""
