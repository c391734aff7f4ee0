"""What is found in a case that was played: on its page, and beside it in the list."""

from __future__ import annotations

import pytest

from launcher.explaining.findings import Cause, Finding


@pytest.fixture
def found(stage):
    """Return `found(cause, sentence) -> Finding`: what the page says, and the list too."""

    def _found(cause: Cause, sentence: str, *, au_id: str | None = None) -> Finding:
        explained = stage.explained(au_id)
        with stage.app.app_context():
            assert (explained.finding.cause, explained.finding.sentence) == (cause, sentence)
            assert explained.finding.title
            assert explained.finding.what_to_do
            if au_id is None:
                if stage.behind():
                    stage.catch_up()
                assert not stage.behind()
                hint = stage.hint()
                assert hint is not None
                assert (hint.finding.cause, hint.finding.sentence) == (cause, sentence)
                assert hint.attempt_id == (explained.attempt.id if explained.attempt else None)
        return explained.finding

    return _found


@pytest.fixture
def besides(stage):
    """Return `besides(cause, sentence) -> Finding`: what the page says was noticed, too."""

    def _besides(cause: Cause, sentence: str) -> Finding:
        others = {one.cause: one for one in stage.explained("A1").findings[1:]}
        with stage.app.app_context():
            assert cause in others
            assert others[cause].sentence == sentence
        return others[cause]

    return _besides
