"""The admin's pages: what an academy's administrator sees and changes, and the map of them all.

Serves admins of one academy (`g.academy`, `g.member`, set by `launcher.people.auth`). One module a
subject; this one only says which address shows which view.
"""

from __future__ import annotations

from flask import Blueprint

from hacp.documents import KINDS
from launcher.admin import (
    archiving,
    attempts,
    by_hand,
    course_rules,
    courses,
    deliveries,
    details,
    duplicates,
    home,
    learners,
    previews,
    providers,
    runs,
    settings,
    transcripts,
)

blueprint = Blueprint("admin", __name__, url_prefix="/a/<slug>/admin")

_BY_HAND = "/learners/<int:learner_id>/courses/<int:course_id>/by-hand"
_ATTEMPT = "/attempts/<record:attempt_id>"
_EXCHANGE = f"{_ATTEMPT}/exchanges/<record:exchange_id>"
_KINDS = ", ".join(KINDS)
_PREVIEW = "/courses/<int:course_id>/preview"
_PAGES = (
    ("/", home.home, ["GET"]),
    ("/courses", courses.courses, ["GET"]),
    ("/courses/upload", courses.upload, ["GET", "POST"]),
    ("/courses/<int:course_id>", courses.course, ["GET"]),
    ("/courses/<int:course_id>/details", details.details, ["GET", "POST"]),
    ("/courses/<int:course_id>/rules", course_rules.course_rules, ["GET", "POST"]),
    ("/courses/<int:course_id>/archive", archiving.confirm, ["GET"]),
    ("/courses/<int:course_id>/archive", archiving.archive, ["POST"]),
    ("/courses/<int:course_id>/reactivate", archiving.reactivate, ["POST"]),
    ("/courses/<int:course_id>/enrol", courses.enrol_learner, ["POST"]),
    (f"{_PREVIEW}", previews.preview, ["GET"]),
    (f"{_PREVIEW}/launch", previews.preview_launch, ["POST"]),
    (f"{_PREVIEW}/afresh", previews.preview_afresh, ["POST"]),
    (f"{_PREVIEW}/trace", previews.preview_trace, ["GET"]),
    ("/deliveries", deliveries.deliveries, ["GET"]),
    ("/courses/<int:course_id>/sync", runs.sync_course, ["POST"]),
    ("/deliveries/<record:delivery_id>", deliveries.delivery, ["GET"]),
    ("/deliveries/<record:delivery_id>/retry", deliveries.retry_delivery, ["POST"]),
    ("/duplicates", duplicates.duplicates, ["GET"]),
    ("/duplicates/decide", duplicates.decide, ["POST"]),
    ("/runs", runs.runs, ["GET"]),
    ("/runs/start", runs.start_sync, ["POST"]),
    ("/runs/<record:run_id>", runs.run, ["GET"]),
    ("/runs/<record:run_id>/confirm", runs.confirm_run, ["POST"]),
    ("/runs/<record:run_id>/discard", runs.discard_run, ["POST"]),
    ("/learners", learners.learners, ["GET"]),
    ("/learners/add", learners.add, ["GET", "POST"]),
    ("/learners/import", learners.import_list, ["GET", "POST"]),
    ("/learners/<int:learner_id>", learners.learner, ["GET"]),
    ("/learners/<int:learner_id>/password", learners.password, ["POST"]),
    ("/learners/<int:learner_id>/account", learners.account, ["POST"]),
    ("/learners/<int:learner_id>/enrol", learners.enrol, ["POST"]),
    ("/learners/<int:learner_id>/withdraw", learners.withdraw, ["POST"]),
    (f"{_BY_HAND}", by_hand.by_hand, ["GET"]),
    (f"{_BY_HAND}/set", by_hand.set_by_hand, ["POST"]),
    (f"{_BY_HAND}/withdraw", by_hand.withdraw_by_hand, ["POST"]),
    ("/transcripts", transcripts.transcripts, ["GET"]),
    ("/transcripts.csv", transcripts.transcripts_csv, ["GET"]),
    (_ATTEMPT, attempts.attempt, ["GET"]),
    (f"{_ATTEMPT}/explanation.txt", attempts.explanation, ["GET"]),
    (f"{_ATTEMPT}/trace", attempts.trace_of, ["GET"]),
    (f"{_ATTEMPT}/suspend-data.txt", attempts.suspend_data, ["GET"]),
    (f"{_ATTEMPT}/records/<any({_KINDS}):kind>", attempts.records, ["GET"]),
    (_EXCHANGE, attempts.exchange, ["GET"]),
    (f"{_EXCHANGE}/<any(request, reply, aicc_data):part>.txt", attempts.exchange_part, ["GET"]),
    ("/settings", settings.settings, ["GET", "POST"]),
    ("/settings/opensesame", providers.opensesame, ["GET", "POST"]),
    ("/settings/opensesame/test", providers.test_opensesame, ["POST"]),
    ("/settings/opensesame/push-secret", providers.push_secret, ["POST"]),
)

blueprint.record_once(attempts.add_record_converter)
blueprint.record_once(duplicates.add_badge)
for _rule, _view, _methods in _PAGES:
    blueprint.add_url_rule(_rule, view_func=_view, methods=_methods)
