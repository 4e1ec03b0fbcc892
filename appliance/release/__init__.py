"""Signed bundles: making, checking and installing them. Neither torch nor a model runtime is needed."""
