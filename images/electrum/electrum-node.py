#!/usr/bin/python3
"""Electrum as it is, but that it ends in order, as at Ctrl-C, when a container is stopped."""

import runpy
import signal
import sys

signal.signal(signal.SIGTERM, signal.default_int_handler)
sys.argv[0] = "/usr/bin/electrum"
runpy.run_path("/usr/bin/electrum", run_name="__main__")
