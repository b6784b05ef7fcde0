"""Everything that can go wrong, each with a stable code, an HTTP status and the facts a reader needs.

The words (what happened, what to do) stand in `translations/*/problem.yaml` under the same code, so that one
Problem can be shown as a page, as JSON, as OpenRosa XML or as a line in a terminal, in either language.
A code is never reused for another meaning.
"""

from __future__ import annotations

from types import MappingProxyType

STATUS = MappingProxyType(
    {
        # the way to a questionnaire
        "wave.unknown": 404,
        "wave.closed": 410,
        "wave.closed_early": 410,
        "wave.not_open": 403,
        "wave.county_outside": 404,
        # a wave file, as a researcher writes it
        "wave.broken_size": 422,
        "wave.broken_yaml": 422,
        "wave.broken_mapping": 422,
        "wave.broken_missing": 422,
        "wave.broken_unknown": 422,
        "wave.broken_date": 422,
        "wave.broken_code": 422,
        "wave.broken_value": 422,
        "wave.exists": 409,
        "wave.test": 409,
        "wave.not_approved": 422,
        "place.unknown": 404,
        # a submission
        "submission.too_large": 413,
        "submission.not_json": 400,
        "submission.wrong_shape": 400,
        "submission.wrong_version": 409,
        "submission.no_consent": 422,
        "submission.invalid": 422,
        "answer.unknown_item": 422,
        "answer.wrong_type": 422,
        "answer.not_whole": 422,
        "answer.too_precise": 422,
        "answer.out_of_range": 422,
        "answer.unknown_option": 422,
        "answer.exclusive_option": 422,
        "answer.too_many": 422,
        "answer.twice": 422,
        "answer.too_few_ranked": 422,
        "answer.rows": 422,
        "answer.too_long": 422,
        "answer.too_short": 422,
        "answer.unknown_missing_reason": 422,
        "answer.value_and_missing": 422,
        "answer.wrong_point": 422,
        "answer.wrong_file": 422,
        "answer.constraint": 422,
        "answer.required": 422,
        # photos, recordings and files that go with an answer
        "attachment.not_named": 404,
        "attachment.too_late": 410,
        "attachment.empty": 422,
        "attachment.too_large": 413,
        "attachment.too_many": 413,
        "attachment.wrong_kind": 422,
        "attachment.wrong_hash": 422,
        "attachment.out_of_order": 409,
        "attachment.wrong_shape": 400,
        # withdrawal
        "receipt.malformed": 400,
        "receipt.unknown": 404,
        "receipt.too_late": 410,
        "receipt.taken": 409,
        # a draft on its way to another phone
        "resume.malformed": 400,
        "resume.unknown": 404,
        "resume.taken": 409,
        "resume.too_large": 413,
        "resume.often": 429,
        "resume.full": 503,
        # instruments and layouts
        "instrument.broken": 422,
        "instrument.unknown": 404,
        "instrument.published_changed": 409,
        "draft.unknown": 404,
        "draft.stale": 409,
        "draft.too_large": 413,
        "draft.not_testable": 422,
        "publish.nothing_new": 422,
        "publish.not_confirmed": 422,
        "publish.version_too_low": 422,
        "publish.identity_missing": 422,
        "publish.needs_new_id": 422,
        "layout.broken": 422,
        # composing a questionnaire at the desk
        "design.gone": 409,
        "design.wrong_file": 422,
        "design.too_large": 413,
        "design.taken": 409,
        "design.not_shown": 422,
        # reports and exports
        "report.suppressed": 409,
        "report.taken_back": 409,
        "report.no_filter": 400,
        "report.pooled_none": 409,
        "report.pooled_overlap": 409,
        "report.no_answers": 409,
        "report.few_answers": 409,
        "report.overview_none": 409,
        "report.layout_unknown": 404,
        "report.layout_exists": 409,
        "report.layout_name": 422,
        "report.no_folder": 409,
        "report.other_version": 409,
        "report.forbidden_words": 500,
        "report.missing_glyph": 500,
        "export.mismatch": 500,
        "export.format": 400,
        "export.encoding": 400,
        "export.too_wide": 422,
        "cases.none": 422,
        # the roster of those who could have been asked
        "roster.unreadable": 422,
        "roster.too_large": 413,
        "roster.columns": 422,
        "roster.county": 422,
        "roster.code": 422,
        "roster.number": 422,
        "roster.twice": 422,
        "roster.zero": 422,
        "roster.missing": 422,
        "roster.uneven": 422,
        "roster.unknown": 404,
        "roster.counties_few": 409,
        "roster.cells_few": 409,
        "roster.wave_open": 409,
        "roster.held_back": 409,
        "roster.not_issued": 409,
        "roster.same": 409,
        "roster.divided_anew": 409,
        "roster.answers_gone": 409,
        "edition.unknown": 404,
        "edition.no_note": 422,
        "edition.long_note": 422,
        "edition.answers_gone": 409,
        "edition.overtaken": 409,
        "edition.no_snapshot": 409,
        "edition.unreadable": 409,
        "edition.no_english": 409,
        "edition.none_ticked": 422,
        "edition.pool_unknown": 404,
        "edition.expired": 409,
        "edition.pool_due": 409,
        "edition.pool_moved": 409,
        "edition.which_pool": 404,
        "edition.wrong_hash": 422,
        "edition.not_ours": 404,
        "batch.unknown": 404,
        "batch.no_counties": 409,
        "batch.nothing_made": 409,
        "batch.worker_lost": 500,
        "job.unknown": 404,
        "job.not_ready": 409,
        "job.gone": 410,
        "job.needed": 409,
        "job.stopped": 409,
        "job.worker_lost": 500,
        # what a researcher looks at by hand
        "review.settled": 409,
        "review.no_words": 422,
        "rescue.not_ours": 422,
        "rescue.other_wave": 422,
        # people
        "access.denied": 403,
        "account.broken_name": 422,
        "account.exists": 409,
        "account.no_county": 422,
        "account.unknown": 404,
        "account.yourself": 409,
        "account.wrong_password": 422,
        "account.short_password": 422,
        "account.long_password": 422,
        "account.same_password": 422,
        "account.passwords_differ": 422,
        "login.needed": 401,
        "login.failed": 401,
        "login.throttled": 429,
        # the machine
        "page.unknown": 404,
        "method.not_allowed": 405,
        "request.csrf": 400,
        "store.unavailable": 503,
        "store.not_migrated": 503,
        "setting.wrong": 500,
        "setting.too_low": 500,
        "file.no_folder": 422,
        "server.failed": 500,
        "server.port_taken": 500,
    }
)


class Problem(Exception):
    """Say what went wrong, where, and with which facts.

    `code` is a key of STATUS. `where` names the place (an item id, or `file:line`), `facts` are the values that
    the message of that code mentions. Several findings about one thing travel together in `findings`.

    >>> Problem("answer.out_of_range", where="bur_af1", low=0, high=99).status
    422
    """

    def __init__(self, code: str, *, where: str = "", findings: tuple[object, ...] = (), **facts: object) -> None:
        if code not in STATUS:
            raise KeyError(f"no such problem code: {code}")
        super().__init__(f"{code} {where} {facts}".strip())
        self.code = code
        self.where = where
        self.findings = findings
        self.facts = facts

    @property
    def status(self) -> int:
        """The HTTP status that goes with the code."""
        return STATUS[self.code]
