"""The signal: one and the same for the endpoint that sends it and the hall that listens there."""

from __future__ import annotations

from hacp import endpoint, signals, store


def test_the_endpoint_and_the_sweep_send_the_same_signal():
    assert endpoint.attempt_changed is signals.attempt_changed is store.attempt_changed
