"""The core: what everything hangs on."""
