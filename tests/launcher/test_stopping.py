"""Being told to end: noted while inside, and afterwards everything is as before."""

from __future__ import annotations

import os
import signal

import pytest

from launcher.stopping import told


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_is_noted_and_ends_nothing(number):
    before = signal.getsignal(number)
    with told() as noted:
        assert not noted.to_stop
        os.kill(os.getpid(), number)
        assert noted.to_stop
    assert signal.getsignal(number) is before
