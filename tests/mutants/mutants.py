"""The list: which line of the engine is a guard, what it would be without, and the test that must fail then.

To add one: its name, the file, the line or lines as they stand (they must stand there once), what is put in their place, and the narrowest test that sees it.
"""

from pathlib import Path
from typing import NamedTuple

LAYER = Path("layers/snapback/snapback")


class Mutant(NamedTuple):
    """One guard, taken away."""

    name: str
    file: str
    """In the layer."""
    before: str
    after: str
    killed_by: str
    """The test, as pytest names it."""

    @property
    def test_file(self) -> str:
        return self.killed_by.partition("::")[0]

    @property
    def test_name(self) -> str:
        return self.killed_by.partition("::")[2].partition("[")[0]


def _law(test: str, handler: str = "ec2/revoke_open_ingress") -> str:
    return f"tests/contract/test_laws.py::test_{test}[{handler}]"


def _fault(test: str, of: str = "ec2/revoke_open_ingress") -> str:
    return f"tests/contract/test_faults.py::test_{test}[{of}]"


def _guard(test: str) -> str:
    return f"tests/contract/test_guards.py::test_{test}"


def _engine(test: str) -> str:
    return f"tests/contract/test_engine.py::test_{test}"


def _hearing(test: str, of: str = "") -> str:
    return f"tests/contract/test_hearing.py::test_{test}{of}"


def _layer(file: str, test: str) -> str:
    return f"tests/engine/test_{file}.py::test_{test}"


def _apply(test: str, handler: str = "") -> str:
    return f"tests/contract/test_apply.py::test_{test}{handler}"


def _survey(test: str) -> str:
    return f"tests/contract/test_surveys.py::test_{test}"


def _steps(test: str) -> str:
    return f"tests/functions/cloudtrail/test_report_attack_steps.py::test_{test}"


def _later(test: str, of: str = "") -> str:
    return f"tests/contract/test_later.py::test_{test}{of}"


def _mode(test: str, handler: str = "") -> str:
    return f"tests/contract/test_modes.py::test_{test}{handler}"


def _storm(test: str) -> str:
    return f"tests/functions/snapback/test_send_digest.py::test_{test}"


def _containment(test: str) -> str:
    return f"tests/contract/test_containment.py::test_{test}[iam/quarantine_user]"


def _external(test: str) -> str:
    return f"tests/functions/accessanalyzer/test_remove_external_access.py::test_{test}"


MUTANTS = (
    # The claim: every question is asked before anything is written.
    Mutant(
        "what was handled begins again",
        "engine/journal.py",
        """        "ConditionExpression": "attribute_not_exists(pk)",
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if not fix.writes:""",
        """        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    if not fix.writes:""",
        _guard("an_event_that_was_handled_is_not_handled_again_though_the_problem_is_back"),
    ),
    Mutant(
        "exemptions are not asked for",
        "engine/journal.py",
        '"attribute_not_exists(pk) OR latest_end < :now OR version = :seen",',
        '"attribute_not_exists(pk) OR latest_end < :now OR version = :seen OR latest_end > :now",',
        _law("an_exempt_resource_is_left_alone_until_the_exemption_ends"),
    ),
    Mutant(
        "an exemption slips in while others are read",
        "engine/journal.py",
        'exemptions_seen = row["version"]["S"]  #',
        'fix.problem = "nobody\'s"  #',
        _guard("an_exemption_that_is_granted_while_others_are_read_still_holds"),
    ),
    Mutant(
        "exemptions that cannot be read exempt nobody",
        "engine/journal.py",
        '        return Claim(Standing.REFUSED, fix, Outcome.HELD, f"the exemptions of',
        '        return None and Claim(Standing.REFUSED, fix, Outcome.HELD, f"the exemptions of',
        _law("exemptions_that_cannot_be_read_stop_the_fix_and_are_told_once"),
    ),
    Mutant(
        "there is no breaker",
        "engine/journal.py",
        "    breaker = rows.one_more(limit, now)\n",
        "    breaker = rows.one_more(limit, now, within=-clock.HOUR)\n",
        _law("a_remediation_past_its_fixes_of_the_hour_is_held_told_once_and_goes_on_after_an_hour"),
    ),
    Mutant(
        "no resource is contested",
        "engine/journal.py",
        'one_more = rows.one_more(settings.number("MAX_FIXES_PER_RESOURCE"), now)',
        'one_more = rows.one_more(settings.number("MAX_FIXES_PER_RESOURCE"), now, within=-clock.HOUR)',
        _guard("a_resource_is_contested_for_a_whole_hour_and_no_longer"),
    ),
    Mutant(
        "a report counts as a fix and is held",
        "engine/journal.py",
        "    if fix.is_report:  # there",
        "    if fix.is_report and fix.in_storm:  # there",
        _hearing("no_number_of_findings_holds_the_next_one_back_and_critical_ones_are_told_alone"),
    ),
    Mutant(
        "two may be at work on a resource",
        "engine/journal.py",
        """        "(attribute_not_exists(lease) OR lease < :now OR (request_id = :request AND taken < :retry)) "
        "AND (attribute""",
        """        "(attribute_not_exists(lease) OR lease <> :retry OR (request_id = :request AND taken < :retry)) "
        "AND (attribute""",
        _guard("two_events_never_work_on_a_resource_at_the_same_time"),
    ),
    Mutant(
        "a look from before the last fix is enough",
        "engine/journal.py",
        '"AND (attribute_not_exists(released) OR released < :looked_at)"',
        '"AND (attribute_not_exists(released) OR released < :now OR released > :looked_at)"',
        _guard("a_look_that_may_be_older_than_the_last_fix_is_taken_again"),
    ),
    Mutant(
        "clocks are taken to agree",
        "engine/journal.py",
        "_CLOCK_SKEW = 2.0",
        "_CLOCK_SKEW = 0.0",
        _guard("a_look_that_may_be_older_than_the_last_fix_is_taken_again"),
    ),
    Mutant(
        "a lease is over at once",
        "engine/case.py",
        "return self.invocation.seconds_left() + 2",
        "return 0.0",
        _guard("two_events_never_work_on_a_resource_at_the_same_time"),
    ),
    Mutant(
        "a second delivery counts as a retry",
        "engine/rows.py",
        "SOONEST_RETRY = 55.0",
        "SOONEST_RETRY = -1.0",
        _guard("the_same_request_at_the_same_moment_is_a_second_delivery_and_no_retry"),
    ),
    Mutant(
        "a preview or report that is at work is not seen",
        "engine/journal.py",
        '        one_row["Item"] |= {"lease": rows.as_number(now + lease), "taken": rows.as_number(now)}',
        '        one_row["Item"] |= {"taken": rows.as_number(now)}',
        _guard("a_report_that_is_delivered_twice_at_once_is_told_once"),
    ),
    Mutant("an hour is half of one", "engine/clock.py", "HOUR = 3600", "HOUR = 1800", _guard("the_hour_of_the_breaker_is_a_whole_one")),
    Mutant(
        "an hour is two",
        "engine/clock.py",
        "HOUR = 3600",
        "HOUR = 7200",
        _law("a_remediation_past_its_fixes_of_the_hour_is_held_told_once_and_goes_on_after_an_hour"),
    ),
    Mutant("a storm is over after five minutes", "engine/counts.py", "STORM = 600", "STORM = 300", _guard("a_storm_lasts_for_ten_minutes")),
    Mutant("a storm lasts for an hour", "engine/counts.py", "STORM = 600", "STORM = 3600", _guard("a_storm_lasts_for_ten_minutes")),
    Mutant(
        "evidence may be larger than a row",
        "engine/fixes.py",
        "    if len(evidence.encode()) > _LARGEST_EVIDENCE:",
        "    if not evidence:",
        _guard("evidence_that_is_larger_than_a_row_stops_the_fix"),
    ),
    Mutant(
        "an outcome may be larger than a row",
        "engine/fixes.py",
        "_ROOM = 25_000",
        "_ROOM = 2_500_000",
        _layer("alerts", "no_row_of_the_journal_is_larger_than_dynamodb_takes"),
    ),
    Mutant(
        "if the work is another's, that is an end",
        "engine/algorithm.py",
        '        raise ResourceBusy(f"another invocation is still at work on {case.resource}, or',
        '        return case.end(Outcome.HANDLED, f"another invocation is still at work on {case.resource}, or',
        _guard("work_by_which_nobody_goes_on_ends_as_a_dead_letter"),
    ),
    Mutant(
        "a busy resource is taken for a right one",
        "engine/algorithm.py",
        """            if claim.standing is not Standing.BUSY:
                return""",
        """            if claim.standing is not Standing.REFUSED:
                return""",
        _guard("work_by_which_nobody_goes_on_ends_as_a_dead_letter"),
    ),
    Mutant(
        "work is begun for which there is no time",
        "engine/algorithm.py",
        "clock.waits(PATIENCE, case.invocation.seconds_left, keep=LEAST)",
        "clock.waits(PATIENCE, case.invocation.seconds_left, keep=0)",
        _guard("what_there_is_too_little_time_for_is_not_begun"),
    ),
    Mutant("all wait for exactly as long", "engine/clock.py", "random.uniform(0.8, 1.2)", "random.uniform(1, 1)", _guard("no_two_wait_for_exactly_as_long")),
    Mutant(
        "one failure stops the next resource",
        "engine/algorithm.py",
        """                if not several:
                    raise""",
        "                raise",
        _guard("one_resource_that_fails_keeps_no_other_from_its_turn"),
    ),
    # What an earlier attempt began.
    Mutant(
        "half-made work asks no guard",
        "engine/algorithm.py",
        'stop = case.refusal_now() if claim.is_continued and fix.writes else ""',
        'stop = ""',
        _guard("what_is_half_made_is_left_as_it_is_once_the_resource_is_exempt"),
    ),
    Mutant(
        "half-made work goes on in preview",
        "engine/case.py",
        """        if self.previews:
            return""",
        """        if self.previews and not self.fix:
            return""",
        _guard("what_was_begun_before_the_mode_was_preview_is_finished_and_told_by_its_retry"),
    ),
    Mutant(
        "what was begun stays half made where another event has shown the same",
        "engine/journal.py",
        '        questions.insert(0, ("enforced", check))',
        '        questions.append(("enforced", check))',
        "tests/simulation/test_simulation.py::test_whatever_one_thing_goes_wrong_every_promise_is_kept[preview is chosen meanwhile]",
    ),
    Mutant(
        "a chosen mode is not read",
        "engine/journal.py",
        "return row if modes.chosen_in(row, fix.remediation).mode != fix.chosen else None",
        "return row if modes.chosen_in(row, fix.remediation).mode == modes.WORDS else None",
        _mode("what_is_chosen_holds_from_the_next_event_on_and_each_choice_is_told", "[ec2/revoke_open_ingress]"),
    ),
    Mutant(
        "what was handled in another mode is handled",
        "engine/journal.py",
        "        if (row := _decided_otherwise(fix, questions, reasons)) is not None:",
        '        if refused[0] == "exempt" and (row := _decided_otherwise(fix, questions, reasons)) is not None:',
        _mode("what_is_chosen_holds_from_the_next_event_on_and_each_choice_is_told", "[ec2/revoke_open_ingress]"),
    ),
    Mutant(
        "a chosen mode may change while it is asked",
        "engine/journal.py",
        '                "version = :seen" if fix.chosen else "attribute_not_exists(pk) OR latest_end < :now OR version = :seen",\n'
        '                seen={"S": exemptions_seen},\n'
        '                **({} if fix.chosen else {"now": rows.as_number(now)}),',
        '                "attribute_not_exists(pk) OR latest_end < :now OR version = :seen",\n'
        '                seen={"S": exemptions_seen},\n'
        "                now=rows.as_number(now),",
        _mode("a_choice_that_is_ended_while_an_event_asks_does_not_hold_for_it"),
    ),
    Mutant(
        "a chosen mode takes the place of exemptions",
        "engine/journal.py",
        "        if not exemption_in(fix, decided):",
        "        if decided:",
        _mode("a_choice_and_exemptions_stand_beside_each_other"),
    ),
    Mutant(
        "an exemption takes the place of a chosen mode",
        "engine/decisions.py",
        """chosen = chosen or (row["modes"]["S"] if row and "modes" in row else "{}")""",
        """chosen = chosen or "{}\"""",
        _mode("a_choice_and_exemptions_stand_beside_each_other"),
    ),
    Mutant(
        "nobody has to see a chosen mode",
        "engine/decisions.py",
        """    if chosen != "{}" or any(one.is_silence for one in kept):""",
        """    if any(one.is_silence for one in kept):""",
        _mode("what_is_chosen_holds_from_the_next_event_on_and_each_choice_is_told", "[ec2/revoke_open_ingress]"),
    ),
    Mutant(
        "what is off is made",
        "engine/journal.py",
        "    if choice.mode == modes.OFF and not fix.applies:",
        "    if choice.mode == modes.DEFAULT and not fix.applies:",
        _mode("what_is_off_changes_nothing_and_tells_nothing_but_threats", "[ec2/revoke_open_ingress]"),
    ),
    Mutant(
        "what is off cannot be applied",
        "engine/journal.py",
        "    if choice.mode == modes.OFF and not fix.applies:",
        "    if choice.mode == modes.OFF:",
        _mode("what_was_shown_can_be_applied_though_the_remediation_is_off_by_now"),
    ),
    Mutant(
        "what is off is told",
        "engine/case.py",
        "_QUIET = (Outcome.EXEMPT, Outcome.OFF, Outcome.DEFERRED)",
        "_QUIET = (Outcome.EXEMPT, Outcome.DEFERRED)",
        _mode("what_is_off_changes_nothing_and_tells_nothing_but_threats", "[ec2/revoke_open_ingress]"),
    ),
    Mutant(
        "a threat is silent where the remediation is off",
        "engine/case.py",
        "return refusal is not None and refusal.outcome is not Outcome.OFF",
        "return refusal is not None",
        _mode("what_is_off_changes_nothing_and_tells_nothing_but_threats", "[ec2/isolate_instance]"),
    ),
    Mutant(
        "an old threat that is off is held",
        "engine/case.py",
        "        if self.chosen.mode == OFF:",
        "        if self.chosen.mode == OFF and not self.live:",
        _mode("an_old_threat_is_not_held_where_the_remediation_is_off"),
    ),
    Mutant(
        "half-made work does not ask for the mode again",
        "engine/case.py",
        "        self.chosen = chosen_in(decided, self.remediation.name)\n        self.ask_tags(self.fix",
        "        self.ask_tags(self.fix",
        _mode("what_is_half_made_stops_when_another_mode_is_chosen", "[a retry-preview-the mode is preview now]"),
    ),
    Mutant(
        "what is off takes away what was half made",
        "engine/definition.py",
        "            return chosen == modes.PREVIEW",
        "            return chosen != modes.ENFORCE",
        _mode("what_is_half_made_stops_when_another_mode_is_chosen", "[the event-off-revoke-open-ingress is off since]"),
    ),
    Mutant(
        "a choice that is no mode is followed",
        "engine/modes.py",
        '    if choice.mode not in ("", OFF, PREVIEW, ENFORCE):',
        '    if choice.mode in ("?",):',
        _mode("a_choice_that_cannot_be_read_only_shows_and_that_is_told", '[{"revoke-open-ingress": {"mode": "destroy"}}]'),
    ),
    Mutant(
        "why fixes are only shown is not told",
        "engine/alerts.py",
        'for note in ("warning", "mode", "opt-in", "tag", "stays", "end")',
        'for note in ("warning", "opt-in", "tag", "stays", "end")',
        _mode("a_choice_that_cannot_be_read_only_shows_and_that_is_told", "[{]"),
    ),
    Mutant(
        "any word is a mode",
        "engine/commands.py",
        "    if word not in modes.WORDS:",
        "    if word is None:",
        _mode("a_word_that_is_no_mode_is_refused_with_the_nearest_that_is", "[enforced-Do you mean enforce]"),
    ),
    Mutant(
        "a report is switched off",
        "engine/commands.py",
        """    if not remediation.writes:
        raise CommandError(f"{remediation.name} changes nothing, so it has no mode.""",
        """    if not remediation:
        raise CommandError(f"{remediation.name} changes nothing, so it has no mode.""",
        _mode("a_report_has_no_mode"),
    ),
    Mutant(
        "an apply that was cut off is not gone on with in preview",
        "engine/case.py",
        "return not (self.applies or self.fix.applies) and self",
        "return self",
        _apply("an_apply_that_was_cut_off_between_two_calls_is_gone_on_with"),
    ),
    Mutant(
        "a threat waits for a tag",
        "engine/case.py",
        "        if self.signal.is_threat or self.signal.source in self.remediation.taken_off_by:",
        "        if self.signal.source in self.remediation.taken_off_by:",
        "tests/contract/test_opt_in.py::test_what_has_not_opted_in_is_only_shown_and_says_why_but_a_threat_is_answered[ec2/isolate_instance]",
    ),
    Mutant(
        "work that was cut off goes on without its tag",
        "engine/case.py",
        "        self.ask_tags(self.fix.evidence)\n        if self.previews:",
        "        if self.previews:",
        "tests/contract/test_opt_in.py::test_work_that_was_cut_off_goes_on_only_as_long_as_the_tag_stands",
    ),
    Mutant(
        "an apply only previews",
        "engine/case.py",
        "preview = not self.applies and self._only_shows(",
        "preview = self._only_shows(",
        _apply(
            "what_was_shown_can_be_applied_in_preview_makes_the_calls_that_were_shown_and_can_be_taken_back",
            "[ec2/revoke_open_ingress]",
        ),
    ),
    Mutant(
        "what was applied can be applied again",
        "engine/case.py",
        "if claim.standing is not Standing.HANDLED or not self.fix.writes or self.applies or claim",
        "if claim.standing is not Standing.HANDLED or not self.fix.writes or claim",
        _apply("what_was_applied_is_not_applied_again_whatever_happens_to_it", "[s3/block_public_bucket]"),
    ),
    Mutant(
        "two applies are two fixes",
        "engine/case.py",
        'enforced = fix_id("apply", self.applies.id, self.again)',
        'enforced = fix_id("apply", self.applies.id, self.signal.id)',
        _apply("what_was_applied_is_not_applied_again_whatever_happens_to_it", "[s3/block_public_bucket]"),
    ),
    Mutant(
        "what was applied and is broken again is not shown",
        "engine/case.py",
        "while preview and claim.standing is Standing.HANDLED and claim.fix.applied:",
        "while preview and claim.standing is Standing.FREE and claim.fix.applied:",
        _apply("what_was_applied_and_is_broken_again_is_shown_again_and_can_be_applied_again", "[s3/block_public_bucket]"),
    ),
    Mutant(
        "nobody notes what was applied",
        "engine/journal.py",
        'if not fix.applies or not rows.row(f"FIX#{fix.applies}"):',
        "if fix.applies or not fix.applies:",
        _apply("what_was_applied_and_is_broken_again_is_shown_again_and_can_be_applied_again", "[s3/block_public_bucket]"),
    ),
    Mutant(
        "what was applied cannot be recorded once its preview is kept no more",
        "engine/journal.py",
        'if not fix.applies or not rows.row(f"FIX#{fix.applies}"):',
        "if not fix.applies:",
        _apply("an_apply_is_recorded_though_the_preview_is_kept_no_more"),
    ),
    Mutant(
        "an old threat is applied",
        "engine/case.py",
        "return self.applies.is_of_threat and clock.now()",
        "return not self.applies and clock.now()",
        _apply("an_old_threat_is_not_applied_but_held_for_a_person_who_looks_again"),
    ),
    Mutant(
        "what is of a threat is forgotten",
        "engine/fixes.py",
        '**({"is_of_threat": True} if fix.is_of_threat else {}),',
        "",
        _apply("an_old_threat_is_not_applied_but_held_for_a_person_who_looks_again"),
    ),
    Mutant(
        "what is wrong otherwise by now is applied",
        "engine/algorithm.py",
        "        if list(live) != list(shown.evidence):",
        "        if not live:",
        _apply("what_is_wrong_otherwise_by_now_is_not_applied_and_the_refusal_says_what_is_wrong_now"),
    ),
    Mutant(
        "other calls are made than those that were shown",
        "engine/algorithm.py",
        "        if would != list(shown.calls):",
        "        if not would:",
        _apply("what_would_call_something_else_by_now_is_not_applied"),
    ),
    Mutant(
        "a call with the present time in it can never be applied",
        "engine/algorithm.py",
        "with clients.watched(preview=True) as calls, clock.as_shown(shown.claimed_at):",
        "with clients.watched(preview=True) as calls:",
        _apply("a_call_that_has_the_present_time_in_it_is_made_with_the_later_one"),
    ),
    Mutant(
        "an apply makes its calls with the time at which they were shown",
        "engine/algorithm.py",
        "clock.as_shown(fix.claimed_at if fix.preview else 0):",
        "clock.as_shown(fix.claimed_at if fix.preview else case.applies.claimed_at if case.applies else 0):",
        _apply("a_call_that_has_the_present_time_in_it_is_made_with_the_later_one"),
    ),
    Mutant(
        "a part that is left after a failed apply cannot be tried again",
        "engine/algorithm.py",
        "        if is_again and live and all(",
        "        if is_again and not live and all(",
        _apply("what_an_apply_has_left_can_be_tried_again"),
    ),
    Mutant(
        "an apply is judged by today's settings",
        "engine/commands.py",
        """    with settings.as_they_were(shown.settings):
        return remediation.put_right(""",
        """    with settings.as_they_were({}):
        return remediation.put_right(""",
        _apply("what_is_applied_is_judged_by_the_settings_by_which_it_was_shown"),
    ),
    Mutant(
        "another remediation applies it",
        "engine/commands.py",
        """    if shown is None or shown.remediation != remediation.name:
        why = _whose(""",
        """    if shown is None:
        why = _whose(""",
        _apply("only_what_was_shown_can_be_applied_and_by_its_own_remediation"),
    ),
    Mutant(
        "a fix is applied as if it were a preview",
        "engine/commands.py",
        "    if not shown.preview or shown.status != Outcome.WOULD_FIX.value:",
        "    if shown.status == Outcome.HELD.value:",
        _apply("only_what_was_shown_can_be_applied_and_by_its_own_remediation"),
    ),
    Mutant(
        "what is not told yet is applied",
        "engine/commands.py",
        "    if shown.status == fixes.CLAIMED and shown.preview:",
        "    if shown.status == fixes.UNDOING and shown.preview:",
        _apply("what_is_being_told_cannot_be_applied_yet"),
    ),
    Mutant(
        "an apply that failed is tried again as a preview",
        "engine/commands.py",
        "    if shown := journal.read(attempt.applies) if attempt.applies else None:",
        "    if shown := journal.read(attempt.applies) if not attempt.id else None:",
        _apply("an_apply_that_aws_refuses_can_be_tried_again_in_preview_by_the_command_in_its_alert", "[ec2/revoke_open_ingress]"),
    ),
    Mutant(
        "what AWS refuses to show is offered to be applied",
        "engine/alerts.py",
        "is_whole = outcome is Outcome.WOULD_FIX and not fix.reason",
        "is_whole = outcome is Outcome.WOULD_FIX",
        _apply("a_preview_that_aws_refuses_offers_no_apply"),
    ),
    Mutant(
        "what is held on its way cannot be applied later",
        "engine/alerts.py",
        "if is_whole or (fix.applies and outcome in (Outcome.HELD, Outcome.CONTESTED)):",
        "if is_whole:",
        _apply("an_apply_passes_every_guard"),
    ),
    Mutant(
        "half-made work goes on though it is exempt",
        "engine/case.py",
        """refusal = self._refused_by_tags() or journal.exemption_in(asked, decided)
        return""",
        """refusal = self._refused_by_tags()
        return""",
        _guard("what_is_half_made_is_left_as_it_is_once_the_resource_is_exempt"),
    ),
    Mutant(
        "half-made work goes on though it is contested",
        "engine/case.py",
        "return refusal.reason if refusal else notices.left_to_people(self.fix)",
        'return refusal.reason if refusal else ""',
        _engine("an_attempt_that_was_cut_off_is_not_gone_on_with_once_people_were_told_that_the_resource_is_contested"),
    ),
    Mutant(
        "what has written nothing goes on without a question",
        "engine/journal.py",
        "    return earlier.writes and not earlier.calls and all(",
        "    return not earlier.writes and all(",
        _engine("a_dead_letter_that_has_written_nothing_asks_for_exemptions_again"),
    ),
    Mutant(
        "what has written is taken for untouched",
        "engine/journal.py",
        "    return earlier.writes and not earlier.calls and all(",
        "    return earlier.writes and all(",
        _engine("an_attempt_that_was_cut_off_is_not_gone_on_with_once_people_were_told_that_the_resource_is_contested"),
    ),
    Mutant(
        "a refused retry leaves its claim",
        "engine/journal.py",
        "    if earlier is not None and refusal.standing is Standing.REFUSED:",
        "    if refusal.standing is Standing.FREE:",
        _guard("a_claim_that_is_refused_at_its_second_attempt_stays_nowhere"),
    ),
    Mutant(
        "a claim is taken back though somebody is at work under it",
        "engine/journal.py",
        "    try:\n        rows.write(lambda: [gone, nobody])",
        "    try:\n        rows.write(lambda: [gone])",
        _guard("no_claim_is_taken_back_while_somebody_is_at_work_under_it"),
    ),
    Mutant(
        "a release goes on though somebody is at work",
        "engine/algorithm.py",
        """            if not journal.withdraw(found, request=invocation.request):
                raise""",
        """            journal.withdraw(found, request=invocation.request)
            if case is None:
                raise""",
        _guard("a_claim_under_which_somebody_has_finished_meanwhile_is_not_taken_back"),
    ),
    Mutant(
        "a retry goes on though people were told that all is held",
        "engine/journal.py",
        '("held", rows.check(f"NOTICE#{fix.remediation}#HELD",',
        '("held", rows.check(f"NOTICE#{fix.remediation}#NOTHING",',
        _engine("a_dead_letter_that_has_written_nothing_is_held_while_people_are_told_that_all_is_held"),
    ),
    Mutant(
        "a retry goes on though people were told that it is contested",
        "engine/journal.py",
        'rows.check(f"NOTICE#{fix.remediation}#CONTESTED#{fix.resource}", calm',
        'rows.check(f"NOTICE#{fix.remediation}#NOTHING#{fix.resource}", calm',
        _guard("a_dead_letter_that_has_written_nothing_is_contested_once_people_were_told_so"),
    ),
    Mutant(
        "a retry needs a second place among the fixes of the hour",
        "engine/journal.py",
        "    has_room = earlier is not None and fix.claimed_at < now",
        "    has_room = False",
        _engine("a_retry_needs_no_second_place_among_the_fixes_of_the_hour"),
    ),
    Mutant(
        "a place among the fixes is kept for ever",
        "engine/journal.py",
        "fix.claimed_at = found.claimed_at if found.claimed_at > now - clock.HOUR else now",
        "fix.claimed_at = found.claimed_at",
        _guard("a_letter_that_is_redriven_after_two_hours_needs_a_place_among_the_fixes_of_this_one"),
    ),
    Mutant(
        "two attempts may finish the same work",
        "engine/journal.py",
        '        "ConditionExpression": f"{free} AND (attribute_not_exists(holder) OR holder = :holder)",',
        '        "ConditionExpression": "(attribute_not_exists(holder) OR holder = :holder)",',
        _fault("two_deliveries_at_once_end_in_one_fix_and_one_alert", "ec2/revoke_open_ingress-the same event twice at once"),
    ),
    Mutant(
        "a fix that came between is not seen",
        "engine/journal.py",
        'AND (attribute_not_exists(holder) OR holder = :holder)",',
        'AND (attribute_not_exists(holder) OR holder <> :now)",',
        _guard("a_fix_that_came_between_and_was_told_is_not_told_again"),
    ),
    Mutant(
        "a fix that came between is told again",
        "engine/case.py",
        "        if other and has_told and all(",
        "        if not other and all(",
        _guard("a_fix_that_came_between_and_was_told_is_not_told_again"),
    ),
    Mutant(
        "a fix that came between hides one that was never told",
        "engine/case.py",
        "has_told = other is not None and other.status in (Outcome.FIXED, Outcome.PARTIAL)",
        "has_told = other is not None",
        _guard("a_fix_that_came_between_and_was_never_told_hides_nothing"),
    ),
    Mutant(
        "a fix that came between hides one of something else",
        "engine/case.py",
        "all(item in other.evidence for item in self.fix.evidence)",
        "other.evidence",
        _guard("a_fix_that_came_between_and_was_of_something_else_hides_nothing"),
    ),
    Mutant(
        "what was begun under another name is lost",
        "engine/case.py",
        "fix_id(self.remediation.name, self.asked or self.resource,",
        "fix_id(self.remediation.name, self.resource,",
        _engine("what_an_attempt_began_is_told_though_the_next_cannot_even_resolve_the_name"),
    ),
    Mutant(
        "what was begun for further news of a finding is lost",
        "engine/case.py",
        "if found and found.is_final and found.event_id != self.signal.id:",
        "if not found:",
        _engine("further_news_of_a_finding_that_was_fixed_and_cut_off_before_the_alert_is_told_by_its_retry"),
    ),
    Mutant(
        "what was begun before the mode was preview is lost",
        "engine/journal.py",
        '        questions.insert(0, ("enforced", check))',
        "        _ = check",
        _guard("what_was_begun_before_the_mode_was_preview_is_finished_and_told_by_its_retry"),
    ),
    Mutant(
        "failed work keeps the resource",
        "engine/journal.py",
        "else [_outcome_update(fix), *([_letting_go(fix)] if fix.writes else [])])",
        "else [_outcome_update(fix)])",
        _guard("a_resource_is_free_for_the_next_event_as_soon_as_work_on_it_has_failed"),
    ),
    Mutant(
        "a failure is not let go of",
        "engine/algorithm.py",
        """            case.let_go()
            raise""",
        "            raise",
        _guard("a_resource_is_free_for_the_next_event_as_soon_as_work_on_it_has_failed"),
    ),
    Mutant(
        "recorded work keeps the resource",
        "engine/journal.py",
        '"UpdateExpression": "SET released = :now REMOVE lease",',
        '"UpdateExpression": "SET released = :now",',
        _guard("a_resource_is_free_for_the_next_event_as_soon_as_the_last_is_recorded"),
    ),
    # The fix, and the second look.
    Mutant(
        "a change of its own is put right again",
        "engine/events.py",
        "    if actor.is_role(reading.own_role):",
        "    if not actor:",
        _law("its_own_change_is_ignored_and_one_of_a_similar_role_is_not"),
    ),
    Mutant(
        "a role with a similar name counts as its own",
        "engine/actors.py",
        "self.issuer == arn",
        "self.issuer.startswith(arn)",
        _law("its_own_change_is_ignored_and_one_of_a_similar_role_is_not"),
    ),
    Mutant(
        "preview writes",
        "engine/clients.py",
        "    if not (_current.preview and _is_write(model)):",
        "    if not (_current.preview and model is None):",
        _law("preview_writes_nothing_and_names_exactly_the_calls_that_enforce_makes"),
    ),
    Mutant(
        "the mode is not asked for",
        "engine/definition.py",
        "return settings.previews(disruptive=self.is_disruptive(evidence, signal))",
        "return False",
        _law("preview_writes_nothing_and_names_exactly_the_calls_that_enforce_makes"),
    ),
    Mutant(
        "what disrupts follows the wrong mode",
        "engine/settings.py",
        'name = "DISRUPTIVE_MODE" if disruptive else "MODE"',
        'name = "MODE" if disruptive else "DISRUPTIVE_MODE"',
        _guard("what_disrupts_follows_its_own_mode"),
    ),
    Mutant(
        "preview tells at every event",
        "engine/case.py",
        "str(int(clock.now() // clock.DAY))]",
        "self.signal.id]",
        _law("preview_tells_once_a_day_however_many_events_show_the_problem"),
    ),
    Mutant(
        "what is sent counts as done",
        "engine/algorithm.py",
        """            if not fix.left:
                fix.after""",
        """            if has_looked:
                fix.after""",
        _fault("a_write_that_is_accepted_and_does_nothing_is_told_as_unverified"),
    ),
    Mutant(
        "one look at an old state makes a refused write a success",
        "engine/algorithm.py",
        "                if bool(self._awaited(case, fix.left)) is bool(refusal):",
        "                if not fix.left:",
        _engine("a_refused_write_and_one_look_at_an_old_state_is_not_taken_for_right"),
    ),
    Mutant(
        "what somebody else put right is told as our fix",
        "engine/algorithm.py",
        "elif outcome is Outcome.FIXED and refusal and not calls.effective:",
        "elif outcome is Outcome.HELD:",
        _guard("what_somebody_else_put_right_while_our_call_was_refused_is_not_told_as_our_fix"),
    ),
    Mutant(
        "what one call put right for two is not told as our fix",
        "engine/algorithm.py",
        "and refusal and not calls.effective:",
        "and refusal:",
        "tests/simulation/test_simulation.py::test_two_equal_items_that_one_call_puts_right_are_told_as_fixed_and_can_be_taken_back",
    ),
    Mutant(
        "a refused call counts as one that took effect",
        "engine/clients.py",
        "        _current.effective.pop()",
        "        pass",
        "tests/contract/test_doors.py::test_somebody_who_shuts_it_between_the_look_and_the_fix_does_not_make_it_silent",
    ),
    Mutant(
        "a young change is looked for once only",
        "engine/algorithm.py",
        "while not evidence and self.lags and case.age < YOUNG and",
        "while not evidence and self.lags and case.age < 0 and",
        _guard("a_change_that_is_so_young_that_a_look_may_miss_it_is_looked_for_again"),
    ),
    Mutant(
        "an old threat is acted on",
        "engine/case.py",
        "and not self.previews and self.age > clock.DAY",
        "and not self.previews and self.age > 9 * clock.DAY",
        _engine("an_old_threat_is_told_and_acted_on_only_when_a_person_says_so"),
    ),
    Mutant(
        "calls hang for as long as the function lives",
        "engine/clients.py",
        "_CONNECT, _READ_ANSWER = 3, 10",
        "_CONNECT, _READ_ANSWER = 60, 60",
        _engine("no_call_hangs_for_as_long_as_the_function_lives"),
    ),
    Mutant(
        "calls are sent for whose answer there is no time",
        "engine/clients.py",
        "    if clock.left() < _KEPT_BACK:",
        "    if clock.left() < 0:",
        _engine("no_call_is_sent_for_whose_answer_there_is_no_time"),
    ),
    Mutant(
        "a tag exempts nothing",
        "engine/case.py",
        "if live and not (refused := self._refused_by_tags()):",
        "if live and not (refused := None):",
        "tests/contract/test_tags.py::test_a_tag_with_all_fields_exempts_the_resource",
    ),
    Mutant(
        "an exemption by tag is told at every event",
        "engine/case.py",
        "if notices.first_notice(notice, self",
        "if True or notices.first_notice(notice, self",
        "tests/contract/test_tags.py::test_an_exemption_by_tag_is_told_once_when_it_is_first_seen",
    ),
    Mutant(
        "a tag that cannot be read exempts",
        "engine/case.py",
        """            self.fix.notes = {**self.fix.notes, "tag": f"It is not exempt: {error}."}
            return None""",
        """            self.fix.notes = {**self.fix.notes, "tag": f"It is not exempt: {error}."}
            return Claim(Standing.REFUSED, self.fix, Outcome.EXEMPT)""",
        "tests/contract/test_tags.py::test_a_tag_that_cannot_be_read_or_has_too_late_an_end_exempts_nothing_and_is_told_with_what_is_wrong",
    ),
    # Telling: nothing is lost, and nothing is told again and again.
    Mutant(
        "recorded before it is told",
        "engine/case.py",
        """        if outcome in TOLD:
            alerts.notify(self, outcome, together=storms.puts_off_outcome(self))
        journal.record(self.fix, outcome)
""",
        """        journal.record(self.fix, outcome)
        if outcome in TOLD:
            alerts.notify(self, outcome, together=storms.puts_off_outcome(self))
""",
        _engine("a_fix_that_was_never_told_is_told_when_its_letter_is_redriven"),
    ),
    Mutant(
        "a record that meets another is given up",
        "engine/rows.py",
        """        if not any(reason.get("Code") in PASSING or (reads_anew and reason.get("Code") == "ConditionalCheckFailed") for reason in reasons):
            raise""",
        """        if reasons:
            raise""",
        _engine("a_conflict_at_the_record_is_tried_again_at_once"),
    ),
    Mutant(
        "a record that fails is given up",
        "engine/rows.py",
        """            failure = error
            continue""",
        "            raise error",
        _guard("a_record_whose_answer_fails_is_sent_again_at_once"),
    ),
    Mutant(
        "held is told at every event",
        "engine/notices.py",
        'ConditionExpression="(attribute_not_exists(noticed) OR noticed < :before) AND "',
        'ConditionExpression="(attribute_not_exists(noticed) OR noticed <> :before) AND "',
        _law("a_remediation_past_its_fixes_of_the_hour_is_held_told_once_and_goes_on_after_an_hour"),
    ),
    Mutant(
        "two at once tell the same notice",
        "engine/notices.py",
        '''"(attribute_not_exists(pending) OR pending < :now OR (request_id = :request AND taken < :retry))",
            ExpressionAttributeValues={
                ":now"''',
        '''"(attribute_not_exists(pending) OR pending <> :now OR (request_id = :request AND taken < :retry))",
            ExpressionAttributeValues={
                ":now"''',
        _guard("what_is_held_is_told_once_by_two_that_find_it_so_at_once"),
    ),
    Mutant(
        "that a notice was sent is not noted",
        "engine/notices.py",
        'UpdateExpression="SET noticed = :now REMOVE pending",',
        'UpdateExpression="SET sent = :now REMOVE pending",',
        _law("a_resource_that_keeps_being_broken_is_contested_told_once_and_can_be_released"),
    ),
    Mutant(
        "that a notice could not be sent is not noted",
        "engine/notices.py",
        'Key=rows.key(f"NOTICE#{what}"), UpdateExpression="REMOVE pending")',
        'Key=rows.key(f"NOTICE#{what}"), UpdateExpression="REMOVE nothing")',
        _guard("what_could_not_be_told_is_told_by_whoever_comes_next"),
    ),
    Mutant(
        "what failed to be told counts as told",
        "engine/case.py",
        """            except (ClientError, BotoCoreError):
                notices.notice_failed(what)
                raise""",
        """            except (ClientError, BotoCoreError):
                pass""",
        _engine("what_is_held_is_told_once_the_topic_is_back"),
    ),
    Mutant(
        "a conditional write does not know its own first try",
        "engine/rows.py",
        '    return row.get("mark") == mark',
        "    return False",
        _engine("a_conditional_write_whose_answer_was_lost_is_known_again_when_the_sdk_repeats_it"),
    ),
    Mutant(
        "what only people can put right is told every hour",
        "engine/case.py",
        "hours = 24 if outcome is Outcome.REPORTED else 1",
        "hours = 1",
        "tests/functions/iam/test_deactivate_unused_credentials.py::test_an_unused_password_is_told_with_what_to_do_once_a_day",
    ),
    Mutant(
        "a threat that is not acted on is told to nobody",
        "engine/definition.py",
        "                return self.name in events.understood(findings.answered_by, signal.detail)",
        "                return False",
        _hearing("an_exemption_is_from_the_fix_and_never_from_hearing", "[ec2/isolate_instance]"),
    ),
    Mutant(
        "an exemption is from hearing, too",
        "engine/case.py",
        """        if self.remediation.must_notify(self.signal, outcome) and not self._is_silenced():
            why""",
        """        if outcome is Outcome.GONE:
            why""",
        _hearing("an_exemption_is_from_the_fix_and_never_from_hearing", "[ec2/isolate_instance]"),
    ),
    Mutant(
        "of what is held, each further threat is silent",
        "engine/case.py",
        """        if self.remediation.must_notify(self.signal, outcome) and not self._is_silenced():
            self""",
        """        if outcome is Outcome.GONE:
            self""",
        _hearing("what_is_held_or_contested_is_told_once_for_each_finding", "[ec2/isolate_instance]"),
    ),
    Mutant(
        "in preview only the first threat of a day is told",
        "engine/case.py",
        'shown = [self.signal.threat, "preview"] if self.signal.threat else',
        'shown = [self.signal.threat, "preview"] if not self else',
        _hearing("each_finding_on_the_same_resource_is_told_once_for_itself_in_every_mode", "[ec2/isolate_instance-preview]"),
    ),
    Mutant(
        "further news of a finding is told again",
        "engine/definition.py",
        "return signal.threat or signal.id",
        "return signal.id",
        _hearing("each_finding_on_the_same_resource_is_told_once_for_itself_in_every_mode", "[ec2/isolate_instance-enforce]"),
    ),
    # What follows from a setting.
    Mutant(
        "where there is no such setting something is wrong",
        "engine/remediation.py",
        "return [now] if now and self._is_wrong(now) else []",
        "return [now] if self._is_wrong(now) else []",
        _layer("setting", "where_there_is_no_such_setting_nothing_is_wrong"),
    ),
    Mutant(
        "a state of which nobody knows whether it is wrong is wrong",
        "engine/remediation.py",
        "return self.wrong.items() <= now.items()",
        "return not self._as_wanted(now).items() <= now.items()",
        _layer("setting", "a_state_that_is_neither_wrong_nor_wanted_is_left_alone_where_one_state_is_wrong"),
    ),
    Mutant(
        "an undo of a setting compares nothing",
        "engine/remediation.py",
        "compared = self.reader if callable(self.wanted) else None",
        "compared = None",
        _layer("setting", "only_where_several_states_are_right_an_undo_has_to_compare"),
    ),
    Mutant(
        "a report tells further news again",
        "engine/remediation.py",
        'return (events.understood(self.once_per, signal.detail) if self.once_per else "") or super().occasion(signal)',
        "return signal.id",
        _guard("further_news_of_a_reported_finding_is_not_told_again"),
    ),
    Mutant(
        "a silence is not of what a fixer tells",
        "engine/case.py",
        "also_named=kinds[1:])) if kinds else None",
        "also_named=kinds[1:])) if not self else None",
        _guard("a_silence_is_of_what_is_told_besides_a_fix_too"),
    ),
    Mutant(
        "that a silence has ended is told to nobody",
        "engine/journal.py",
        'return [one for one in parse(row["exemptions"]["S"]) if one.is_silence and one.ends <= now]',
        "return []",
        _hearing("a_silence_is_for_one_type_or_finding_and_told_when_it_begins_and_when_it_has_ended", "[id]"),
    ),
    Mutant(
        "a critical threat waits for the digest",
        "engine/storms.py",
        "return case.fix.in_storm and not _is_told_alone(case)",
        "return case.fix.in_storm",
        _hearing("no_number_of_findings_holds_the_next_one_back_and_critical_ones_are_told_alone"),
    ),
    Mutant(
        "the canary waits for the digest",
        "engine/storms.py",
        'case.signal.is_urgent or any(item.get("Description") == names.CANARY for item in case.fix.evidence)',
        "case.signal.is_urgent",
        "tests/contract/test_guards.py::test_what_is_fixed_for_the_canary_is_told_alone_in_a_storm_too_or_it_would_call_snapback_deaf",
    ),
    Mutant(
        "held waits for the digest",
        "engine/storms.py",
        "if outcome is Outcome.HELD or case.signal.is_urgent:",
        "if case.signal.is_urgent:",
        _guard("what_is_held_is_told_at_once_amid_a_storm_of_what_no_claim_has_counted"),
    ),
    Mutant(
        "a storm is told one by one",
        "engine/storms.py",
        "return case.signal.is_together or counts.is_storm(case.remediation.name)",
        "return False",
        _storm("what_could_not_even_be_looked_at_is_told_together_too"),
    ),
    Mutant(
        "a forged message in the queue of storms is noted nowhere",
        "engine/digests.py",
        "            logger.error(FORGED, message_id=message, alert=waiting)",
        "            _ = message",
        _storm("a_message_that_is_not_of_snapbacks_making_is_set_aside_and_the_others_are_told"),
    ),
    Mutant(
        "what a digest could not tell leaves the queue",
        "engine/digests.py",
        "            untold += together",
        "            untold += []",
        _storm("what_cannot_be_told_stays_in_the_queue_and_keeps_nothing_else_from_being_told"),
    ),
    Mutant(
        "an alert may be larger than SNS takes",
        "engine/alerts.py",
        "        if len(message := _forms(facts, subject, text)) <= LARGEST:",
        "        if message := _forms(facts, subject, text):",
        _layer("alerts", "no_alert_is_larger_than_sns_takes_whatever_is_in_it"),
    ),
    Mutant(
        "evidence shows what calls hide",
        "engine/alerts.py",
        "before=[_cut(disclosed(item), room, is_kept=is_kept)",
        "before=[_cut(item, room, is_kept=is_kept)",
        _layer("alerts", "evidence_and_what_it_is_now_hide_what_calls_hide"),
    ),
    Mutant(
        "the setting after the fix shows what calls hide",
        "engine/alerts.py",
        "after=_cut(disclosed(fix.after), room, is_kept=is_kept)",
        "after=_cut(fix.after, room, is_kept=is_kept)",
        _layer("alerts", "evidence_and_what_it_is_now_hide_what_calls_hide"),
    ),
    Mutant(
        "what an event says makes a link in chat",
        "engine/wording.py",
        '.replace("](", "] (")',
        "",
        _layer("alerts", "nothing_that_an_event_says_makes_a_link_or_calls_somebody_in_chat"),
    ),
    Mutant(
        "a burst is told at every event",
        "engine/counts.py",
        '        told = often and kept["over"] <= now',
        "        told = often",
        _layer("counting", "the_same_event_always_gets_the_same_answer"),
    ),
    Mutant(
        "who counts at the same time is lost",
        "engine/counts.py",
        'unchanged = {"ConditionExpression": "#count = :seen", "ExpressionAttributeNames": names, "ExpressionAttributeValues": values}',
        "unchanged = {} if names and values else {}",
        _layer("counting", "nor_is_one_that_counts_where_there_is_a_count_already"),
    ),
    # Commands.
    Mutant(
        "an undo of another remediation's fix",
        "engine/commands.py",
        "    if fix is None or fix.remediation != remediation.name:",
        "    if fix is None:",
        _guard("an_undo_of_another_remediations_fix_is_refused"),
    ),
    Mutant(
        "an undo overwrites what others did since",
        "engine/undo.py",
        "(difference := _difference(remediation, fix)):",
        '(difference := ""):',
        _guard("an_undo_is_refused_if_the_resource_has_changed_since"),
    ),
    Mutant(
        "an undo that was cut off overwrites what others did since",
        "engine/undo.py",
        "_HALF_DONE = 900.0",
        "_HALF_DONE = 9_000.0",
        _guard("an_undo_that_was_cut_off_asks_after_a_quarter_of_an_hour_who_has_changed_the_resource_since"),
    ),
    Mutant(
        "an undo that was cut off can never be finished",
        "engine/undo.py",
        "_HALF_DONE = 900.0",
        "_HALF_DONE = 9.0",
        _guard("an_undo_that_was_cut_off_asks_after_a_quarter_of_an_hour_who_has_changed_the_resource_since"),
    ),
    Mutant(
        "two undo the same at once",
        "engine/journal.py",
        '''            "ConditionExpression": "#status = :status",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undoing"''',
        '''            "ConditionExpression": "#status <> :now",
            "ExpressionAttributeNames": {"#status": "status"},
            "ExpressionAttributeValues": {":undoing"''',
        _guard("of_two_undos_at_once_one_is_told_to_come_again"),
    ),
    Mutant(
        "an undo amid somebody's work",
        "engine/journal.py",
        '"ConditionExpression": "attribute_not_exists(lease) OR lease < :now OR (holder = :id AND taken < :retry)",',
        '"ConditionExpression": "attribute_not_exists(lease) OR lease <> :now OR (holder = :id AND taken < :retry)",',
        _guard("nothing_is_taken_back_while_somebody_is_at_work_on_the_resource"),
    ),
    Mutant(
        "an undo that was sent counts as done",
        "engine/undo.py",
        "            is_back = _shows_back(case, fix)",
        "            is_back = True",
        _guard("an_undo_that_is_not_seen_is_told_and_exempts_nothing"),
    ),
    Mutant(
        "an undo is written down before it is told",
        "engine/undo.py",
        """    alerts.notify(case, Outcome.UNDONE, together=storms.puts_off_undo(remediation.name, is_asked_for=exemption is not None))
    journal.end_undo(fix, reason, exemption)
""",
        """    journal.end_undo(fix, reason, exemption)
    alerts.notify(case, Outcome.UNDONE, together=storms.puts_off_undo(remediation.name, is_asked_for=exemption is not None))
""",
        _guard("an_undo_that_is_cut_off_before_its_alert_is_told_and_exempt_when_it_is_given_again"),
    ),
    Mutant(
        "an undo exempts nothing",
        "engine/journal.py",
        "        return [undone, *granted, _letting_go(fix)]",
        "        return [undone, _letting_go(fix)]",
        _law("undo_restores_the_state_to_the_byte_and_keeps_it"),
    ),
    Mutant(
        "an undo keeps the resource",
        "engine/journal.py",
        "        return [undone, *granted, _letting_go(fix)]",
        "        return [undone, *granted]",
        _guard("a_resource_is_free_for_the_next_event_as_soon_as_a_fix_is_taken_back"),
    ),
    Mutant(
        "a refused undo is told to nobody",
        "engine/undo.py",
        "            if exemption is None or not _is_refusal(error):",
        "            if error:",
        _engine("an_undo_that_is_refused_grants_no_exemption_and_is_told"),
    ),
    Mutant(
        "a release forgets what it has not handled",
        "engine/notices.py",
        'UpdateExpression="SET expires = :expires REMOVE noticed, pending",',
        'UpdateExpression="SET expires = :expires REMOVE noticed, pending, resources",',
        _guard("a_release_that_fails_forgets_nothing_and_can_be_given_again"),
    ),
    Mutant(
        "a release never forgets",
        "engine/commands.py",
        "    if not waiting and ended[resource] is not Outcome.HELD:",
        "    if waiting:",
        _guard("a_release_that_fails_forgets_nothing_and_can_be_given_again"),
    ),
    Mutant(
        "a release is cut off amid a resource",
        "engine/commands.py",
        "while waiting and invocation.seconds_left() > FOR_ANOTHER:",
        "while waiting:",
        _guard("what_a_release_has_no_time_for_is_still_held_and_the_answer_says_so"),
    ),
    Mutant(
        "a release finishes nothing that was cut off",
        "engine/commands.py",
        "    finished = remediation.finish_cut_off(resource, signal, invocation)",
        "    finished = None",
        _guard("what_a_release_finishes_is_told_with_the_event_that_began_it"),
    ),
    Mutant(
        "what is held grows beyond a row",
        "engine/notices.py",
        'ConditionExpression="attribute_not_exists(resources) OR size(resources) < :most",',
        'ConditionExpression="attribute_not_exists(resources) OR size(resources) < :most OR :most < :now",',
        _guard("of_what_is_held_no_more_stands_in_one_row_than_that_can_hold"),
    ),
    Mutant(
        "a new exemption ends the others",
        "engine/decisions.py",
        "if one.resource != replaced and (one.ends > now or one.is_silence)]",
        "if one.resource == replaced]",
        _guard("a_new_exemption_leaves_the_others_as_they_are"),
    ),
    Mutant(
        "of two exemptions at once one is lost",
        "engine/decisions.py",
        'put |= {"ConditionExpression": "version = :version",',
        'put |= {"ConditionExpression": "version <> :none OR version = :version",',
        _guard("of_two_exemptions_that_are_granted_at_once_none_is_lost"),
    ),
    Mutant(
        "an exemption is told to nobody",
        "engine/commands.py",
        """ for part in (str(exemption), covers, then) if part)
    return _told(case, Outcome.EXEMPTED)""",
        """ for part in (str(exemption), covers, then) if part)
    return case.end(Outcome.EXEMPTED).as_json()""",
        _guard("of_two_exemptions_that_are_granted_at_once_none_is_lost"),
    ),
    Mutant(
        "a silence that there is not is said to have ended",
        "engine/commands.py",
        "    if finding not in silent:",
        "    if finding in silent and not silent:",
        "tests/contract/test_commands.py::test_a_silence_that_there_is_not_is_not_said_to_have_ended",
    ),
    Mutant(
        "an account can be silenced",
        "engine/commands.py",
        ' or re.fullmatch(r"\\s*(\\d{12}|arn:[^:]*:iam::\\d{12}:root)\\s*", finding):',
        ":",
        _hearing("neither_everything_nor_an_account_can_be_silenced"),
    ),
    Mutant(
        "everything can be silenced",
        "engine/commands.py",
        ' or not finding.strip("* ") or',
        " or",
        _hearing("neither_everything_nor_an_account_can_be_silenced"),
    ),
    Mutant(
        "to end an exemption that is not there is a success",
        "engine/commands.py",
        "    if resource not in [one.resource for one in in_force]:",
        "    if not resource:",
        _engine("to_end_an_exemption_that_is_not_there_says_so"),
    ),
    Mutant(
        "an exemption may have no end",
        "engine/exemptions.py",
        "        if not now < exemption.ends <= latest:",
        "        if not now < exemption.ends:",
        _layer("exemptions", "the_end_must_be_a_date_ahead_within_a_year"),
    ),
    Mutant(
        "an exemption does not end",
        "engine/exemptions.py",
        "if one.covers(resource) and one.ends > now), None)",
        "if one.covers(resource)), None)",
        _layer("exemptions", "what_has_ended_exempts_nothing"),
    ),
    Mutant(
        "the beginning of a resource's name silences findings",
        "engine/exemptions.py",
        "        if resource.startswith(FINDING) is not self.is_silence:",
        "        if resource is None:",
        _hearing("an_exemption_by_the_beginning_of_a_name_silences_no_finding", "[ec2/isolate_instance]"),
    ),
    # What ends by itself, and what is remembered.
    Mutant(
        "a block that was not seen never ends",
        "engine/case.py",
        "        if outcome in _CHANGED_IT and self.remediation.expires_after:",
        "        if outcome is Outcome.FIXED and self.remediation.expires_after:",
        _engine("a_block_that_could_not_be_looked_at_again_still_ends"),
    ),
    Mutant(
        "what is to end is forgotten before its end",
        "engine/journal.py",
        "    if fix.expires_at:  # what is to be taken back then is read then",
        "    if not fix:",
        _engine("a_block_that_is_longer_than_the_journal_keeps_things_still_ends"),
    ),
    Mutant(
        "the end of a block lifts a later one",
        "engine/undo.py",
        "    return later is not None and later.status in _ENDED and",
        "    return later is None and",
        _engine("the_end_of_a_block_does_not_lift_a_later_one"),
    ),
    Mutant(
        "memory weakens by itself",
        "engine/algorithm.py",
        """        elif case.signal.is_sweep:
            memory.learn""",
        """        if case.signal.is_sweep and now is not None:
            memory.learn""",
        "tests/functions/cloudtrail/test_restore_trail.py::test_a_move_to_another_bucket_stays_and_is_told_until_somebody_accepts_it",
    ),
    Mutant(
        "a change of what is remembered is told to nobody",
        "engine/algorithm.py",
        "            if is_different := self._compare_with_memory(case):",
        '            if self._compare_with_memory(case) and (is_different := ""):',
        "tests/functions/cloudtrail/test_restore_trail.py::test_a_move_to_another_bucket_stays_and_is_told_until_somebody_accepts_it",
    ),
    Mutant(
        "less counts as no change",
        "engine/memory.py",
        "    return now == good or (good, now) in _MORE",
        "    return True",
        _layer("memory", "what_is_less_or_other_is_a_change"),
    ),
    Mutant(
        "what is remembered and gone is not looked at",
        "engine/memory.py",
        "sorted(resource for resource, state in good.items() if states.get(resource) != state)",
        "sorted(resource for resource, state in good.items() if states.get(resource, state) != state)",
        _layer("memory", "a_sweep_looks_at_what_differs_or_is_gone_and_learns_what_is_new"),
    ),
    # Which exemptions are asked for, and by which names.
    Mutant(
        "a sibling's exemption does not count",
        "engine/journal.py",
        'f"EXEMPT#{fix.problem or fix.remediation}",',
        'f"EXEMPT#{fix.remediation}",',
        _hearing("what_is_undone_or_exempt_in_one_remediation_is_not_fixed_by_its_sibling", "[snapshot]"),
    ),
    Mutant(
        "a sibling's name of the resource does not count",
        "engine/fixes.py",
        "return self.also_named if self.is_report else (self.resource, *self.also_named)",
        "return self.also_named if self.is_report else (self.resource,)",
        _hearing("what_is_undone_or_exempt_in_one_remediation_is_not_fixed_by_its_sibling", "[snapshot]"),
    ),
    Mutant(
        "half-made work forgets under which name its exemptions are kept",
        "engine/case.py",
        "asked = replace(self.fix, **self.named_for_exemptions)",
        "asked = replace(self.fix)",
        _guard("what_has_written_goes_past_no_exemption_under_whichever_name_that_is_kept"),
    ),
    Mutant(
        "what was told long before an attempt keeps it from being finished",
        "engine/notices.py",
        '"noticed") >= fix.claimed_at:',
        '"noticed"):',
        _guard("what_people_were_told_before_an_attempt_began_does_not_keep_it_from_being_finished"),
    ),
    Mutant(
        "half-made work goes on though it is held",
        "engine/notices.py",
        "for outcome in (Outcome.CONTESTED, Outcome.HELD):",
        "for outcome in (Outcome.CONTESTED,):",
        _guard("half_made_work_is_left_once_people_were_told_that_it_is_held_however_many_are"),
    ),
    Mutant(
        "an exemption covers whatever begins so, with or without a star",
        "engine/exemptions.py",
        "else resource == self.resource",
        "else resource.startswith(self.resource)",
        _layer("exemptions", "a_resource_is_covered_by_its_name_or_the_beginning_of_it"),
    ),
    Mutant(
        "everything can be exempt",
        "engine/exemptions.py",
        'if exemption.resource.strip("*") == "":',
        'if exemption.resource == "":',
        _layer("exemptions", "everything_cannot_be_exempt"),
    ),
    Mutant(
        "an exemption needs nobody who answers for it",
        "engine/exemptions.py",
        "if not isinstance(wish.get(part), str) or not wish[part].strip():",
        "if not isinstance(wish.get(part), str):",
        _layer("exemptions", "every_field_is_required"),
    ),
    Mutant(
        "an exemption that covers nothing is confirmed",
        "engine/commands.py",
        "        _check_beginning(remediation, given)\n",
        "",
        _guard("the_beginning_of_a_name_that_nothing_can_have_exempts_nothing_and_is_refused"),
    ),
    Mutant(
        "an exemption of what is not there is confirmed",
        "engine/commands.py",
        "        if refusals.is_gone(error):\n            waiting =",
        "        if error.response is None:\n            waiting =",
        "tests/contract/test_commands.py::test_what_was_renamed_is_not_exempt_by_its_old_name",
    ),
    Mutant(
        "an undo is judged by the settings of today",
        "engine/commands.py",
        """    with settings.as_they_were(fix.settings):
        return""",
        """    with settings.as_they_were({}):
        return""",
        "tests/contract/test_commands.py::test_an_undo_follows_the_settings_of_the_fix_and_the_next_event_those_of_today",
    ),
    # The journal's answers.
    Mutant(
        "a claim that meets others at its rows is an error",
        "engine/journal.py",
        """        return "conflict", {}
""",
        """        return "breaker", {}
""",
        _guard("a_claim_that_meets_others_at_its_rows_is_asked_again"),
    ),
    Mutant(
        "what DynamoDB refuses for an unknown reason was taken",
        "engine/journal.py",
        """    if reasons:
        raise JournalError(f"the journal refused the claim""",
        """    if not questions:
        raise JournalError(f"the journal refused the claim""",
        _guard("a_claim_that_is_refused_for_a_reason_that_nobody_knows_is_none"),
    ),
    Mutant(
        "what was fixed a moment ago is called contested",
        "engine/journal.py",
        '>= now and not is_retry) or rows.number(row, "released") >= round(looked_at - _CLOCK_SKEW, 3):',
        ">= now and not is_retry):",
        _guard("who_finds_the_resource_just_fixed_by_another_looks_again_and_calls_it_not_contested"),
    ),
    Mutant(
        "what is at work is called contested",
        "engine/journal.py",
        'if (rows.number(row, "lease") >= now and not is_retry) or ',
        "if ",
        _guard("two_events_never_work_on_a_resource_at_the_same_time"),
    ),
    Mutant(
        "what another attempt has finished is finished again",
        "engine/journal.py",
        """        "ConditionExpression": "#status = :claimed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}, ":request\"""",
        """        "ConditionExpression": "#status = :claimed OR :request <> :claimed",
        "ExpressionAttributeNames": {"#status": "status"},
        "ExpressionAttributeValues": {":claimed": {"S": CLAIMED}, ":request\"""",
        _guard("what_another_attempt_has_finished_and_told_meanwhile_is_not_told_again"),
    ),
    Mutant(
        "two attempts may go on with the same report",
        "engine/journal.py",
        '        one_row["ConditionExpression"] += f" AND {free}"',
        '        one_row["ConditionExpression"] += " AND (attribute_not_exists(lease) OR lease <> :retry OR lease < :now)"',
        _guard("a_report_that_is_delivered_twice_at_once_is_told_once"),
    ),
    Mutant(
        "a claim is taken back though somebody has finished under it",
        "engine/journal.py",
        '"ConditionExpression": "attribute_not_exists(pk) OR #status = :claimed",',
        '"ConditionExpression": "attribute_not_exists(pk) OR #status = :claimed OR #status <> :claimed",',
        _guard("a_claim_under_which_somebody_has_finished_meanwhile_is_not_taken_back"),
    ),
    Mutant(
        "a fix is forgotten before its undo",
        "engine/fixes.py",
        'rows.as_number(int(now + settings.number("JOURNAL_DAYS") * clock.DAY)),\n    }',
        'rows.as_number(int(now + settings.number("JOURNAL_DAYS") * clock.HOUR)),\n    }',
        _guard("what_is_asked_for_later_is_kept_until_then"),
    ),
    Mutant(
        "the counts are forgotten before their hour is over",
        "engine/rows.py",
        '            ":before": as_number(now - within),\n            ":expires": as_number(int(now + 2 * clock.DAY)),',
        '            ":before": as_number(now - within),\n            ":expires": as_number(int(now + 600)),',
        _guard("what_is_asked_for_later_is_kept_until_then"),
    ),
    Mutant(
        "what is held is forgotten before it is released",
        "engine/notices.py",
        "_HELD_FOR = 14 * clock.DAY",
        "_HELD_FOR = clock.DAY",
        _guard("what_is_asked_for_later_is_kept_until_then"),
    ),
    Mutant(
        "who blocked it last is forgotten before the block ends",
        "engine/journal.py",
        "    if fix.expires_at:  # who held",
        "    if not fix.id:  # who held",
        _guard("who_has_blocked_it_last_is_known_until_the_block_ends"),
    ),
    Mutant(
        "that a threat was told is forgotten within a day",
        "engine/case.py",
        "what.startswith((_THREAT, _OPENED)) else hours",
        "what.startswith(_OPENED) else hours",
        _guard("further_news_of_a_threat_is_no_news_for_as_long_as_the_journal_remembers"),
    ),
    Mutant(
        "that a threat was told is forgotten after a fortnight",
        "engine/notices.py",
        '":expires": rows.as_number(int(now + max(_HELD_FOR, hours * clock.HOUR))),',
        '":expires": rows.as_number(int(now + _HELD_FOR)),',
        _guard("further_news_of_a_threat_is_no_news_for_as_long_as_the_journal_remembers"),
    ),
    Mutant(
        "of the alerts put off, those that come late are lost",
        "engine/notices.py",
        'asked := answer.get("UnprocessedKeys")',
        'asked := answer.get("NoKeys")',
        _storm("what_the_journal_does_not_give_at_once_is_asked_for_again"),
    ),
    Mutant(
        "the same event counts twice",
        "engine/counts.py",
        'if known or event in [one for one, _ in kept["latest"]]:',
        "if known:",
        _layer("counting", "the_same_event_always_gets_the_same_answer"),
    ),
    # The look, the fix, and what is told of it.
    Mutant(
        "a call that failed for now failed for good",
        "engine/refusals.py",
        "return not is_passing and status < server_fault and status != 429",
        "return status < server_fault and status != 429",
        _guard("a_look_that_fails_for_now_is_taken_again"),
    ),
    Mutant(
        "a fault of AWS's servers is a refusal",
        "engine/refusals.py",
        "return not is_passing and status < server_fault and status != 429",
        "return not is_passing and status != 429",
        _guard("a_look_that_fails_for_now_is_taken_again"),
    ),
    Mutant(
        "what was not looked at again is fixed",
        "engine/algorithm.py",
        "            if not has_looked:\n",
        "            if fix is None:\n",
        _guard("what_there_is_no_time_to_look_at_again_is_not_called_fixed"),
    ),
    Mutant(
        "something else that is wrong is what was left",
        "engine/algorithm.py",
        """        if not todo:
            return Outcome.PARTIAL""",
        """        if fix is None:
            return Outcome.PARTIAL""",
        _guard("something_else_that_is_wrong_by_the_time_of_a_retry_is_told_as_left"),
    ),
    Mutant(
        "an alert names the calls of the last attempt only",
        "engine/algorithm.py",
        "before = list(fix.calls)",
        "before = list(fix.calls)[:0]",
        _guard("an_alert_names_the_calls_of_all_attempts"),
    ),
    Mutant(
        "what writes before only people can go on is told as untouched",
        "engine/algorithm.py",
        "if fix.preview or not (before or calls.effective):",
        "if fix.preview or not before:",
        "tests/contract/test_commands.py::test_what_was_written_before_only_people_could_go_on_is_told_and_can_be_taken_back[ec2/isolate_instance]",
    ),
    Mutant(
        "what somebody else put right can be taken back",
        "engine/undo.py",
        "if fix.status not in _UNDOABLE or not fix.writes or not fix.changed:",
        "if not fix.writes or not fix.changed:",
        _guard("what_somebody_else_put_right_cannot_be_taken_back"),
    ),
    Mutant(
        "a door that somebody else shut counts as shut by the fix that came too late",
        "engine/journal.py",
        "if fix and fix.status != Outcome.ALREADY_OK and",
        "if fix and",
        _guard("a_door_is_told_though_a_fix_that_came_too_late_for_it_has_seen_it_too"),
    ),
    Mutant(
        "a door that was opened after the fix counts as shut by it",
        "engine/journal.py",
        '(rows.number(row, "released") < since and rows.number(row, "lease") < rows.now())',
        "since < 0",
        "tests/contract/test_doors.py::test_what_was_opened_after_the_fix_and_shut_by_another_is_told[ec2/revoke_open_ingress]",
    ),
    Mutant(
        "a stopped trail that is gone is told to nobody",
        "engine/algorithm.py",
        "if case.signal.is_threat or self.told_if_gone:",
        "if case.signal.is_threat:",
        "tests/functions/cloudtrail/test_restart_trail.py::test_a_stopped_trail_that_is_gone_by_now_is_told_as_high",
    ),
    Mutant(
        "what goes silent while it is compared replaces the good memory",
        "engine/algorithm.py",
        "if (changes or now is None) and self.violation(case.resource):",
        "if case is None:",
        "tests/functions/cloudwatch/test_restore_alarm.py::test_an_alarm_that_goes_silent_while_the_sweep_looks_does_not_replace_the_good_memory",
    ),
    Mutant(
        "a sweep learns what is weaker",
        "engine/memory.py",
        "for resource, state in states.items() if resource not in good})",
        "for resource, state in states.items()})",
        _layer("memory", "a_sweep_looks_at_what_differs_or_is_gone_and_learns_what_is_new"),
    ),
    Mutant(
        "what a sweep put right and could not tell is not looked at again",
        "engine/memory.py",
        "return list(dict.fromkeys([*found, *last]))",
        "return list(dict.fromkeys(found))",
        "tests/functions/ec2/test_restrict_snapshot.py::test_a_finding_about_the_account_is_answered_for_each_public_snapshot_and_told_after_a_crash",
    ),
    Mutant(
        "what a change was shows a whole document",
        "engine/memory.py",
        'isinstance(value, str) and value.lstrip()[:1] in ("{", "[")',
        'isinstance(value, str) and value == ""',
        _layer("memory", "a_document_is_not_spelled_out_and_a_long_value_is_cut"),
    ),
    Mutant(
        "a finding is resolved though its retry finds the problem back",
        "engine/case.py",
        "claim.fix.status == Outcome.FIXED and not problem_is_there",
        "claim.fix.status == Outcome.FIXED",
        "tests/contract/test_hub_findings.py::test_a_finding_stays_open_if_the_problem_is_back_before_the_retry",
    ),
    Mutant(
        "a mode that is none enforces",
        "engine/settings.py",
        'if mode not in {"enforce", "preview"}:',
        'if mode == "":',
        _layer("settings", "a_bad_value_is_named"),
    ),
    # What an event says, and what of it is shown.
    Mutant(
        "a call that failed counts",
        "engine/events.py",
        'if (error := record.get("errorCode")) and not reading.hears_failures:',
        'if (error := record.get("errorCode")) and not reading:',
        _law("a_failed_call_leads_to_nothing", "ec2/revoke_open_ingress-AccessDenied"),
    ),
    Mutant(
        "a call that only reads counts",
        "engine/events.py",
        'if record.get("readOnly") in (True, "true", "True")',
        'if record.get("readOnly") in ("True",)',
        _guard("what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody"),
    ),
    Mutant(
        "another account's events count",
        "engine/events.py",
        "return (account or event.account) != reading.account or (region or event.region) != reading.region",
        "return (region or event.region) != reading.region",
        _guard("what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody"),
    ),
    Mutant(
        "another region's events count",
        "engine/events.py",
        "return (account or event.account) != reading.account or (region or event.region) != reading.region",
        "return (account or event.account) != reading.account",
        _guard("what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody"),
    ),
    Mutant(
        "a call on another account's resource counts",
        "engine/events.py",
        "return bool(owners) and bool(reading.account)",
        "return bool(owners) and not bool(reading.account)",
        "tests/contract/test_organisation.py::test_of_a_call_between_accounts_only_the_owners_copy_leads_to_a_fix",
    ),
    Mutant(
        "what Config finds compliant counts",
        "engine/events.py",
        'if compliance != "NON_COMPLIANT":',
        "if not compliance:",
        _guard("what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody"),
    ),
    Mutant(
        "a finding that GuardDuty has archived counts",
        "engine/events.py",
        'service.get("archived") in (True, "true"):',
        'service.get("archived") in ("true",):',
        _guard("what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody"),
    ),
    Mutant(
        "a finding that Access Analyzer has archived counts",
        "engine/events.py",
        'if detail.get("status") != "ACTIVE" or detail.get("isDeleted") is True:',
        'if detail.get("isDeleted") is True:',
        _guard("what_is_over_harmless_or_somebody_elses_is_left_and_told_to_nobody"),
    ),
    Mutant(
        "a finding that people have suppressed counts",
        "engine/events.py",
        "in _OPEN_WORKFLOW\n    )",
        'not in ("RESOLVED",)\n    )',
        "tests/contract/test_hub_findings.py::test_a_finding_that_people_or_security_hub_have_closed_leads_to_nothing",
    ),
    Mutant(
        "an event may be nested however deep",
        "engine/events.py",
        'if _depth(event["detail"]) > _DEEPEST:',
        'if _depth(event["detail"]) > 99 * _DEEPEST:',
        "tests/contract/test_hostile_input.py::test_a_deeply_nested_event_is_refused_in_bounded_time[ec2/revoke_open_ingress]",
    ),
    Mutant(
        "what only begins like a name is one",
        "engine/names.py",
        "not form(resource_type).fullmatch(name):",
        "not form(resource_type).match(name):",
        _guard("what_only_begins_like_a_name_is_none"),
    ),
    Mutant(
        "markup in an event stays markup",
        "engine/names.py",
        '.replace("<", "\\\\x3c").replace(">", "\\\\x3e")',
        "",
        _guard("what_an_event_says_of_itself_forges_no_line_of_an_alert"),
    ),
    Mutant(
        "an event's id is shown as it is",
        "engine/alerts.py",
        '"event": shown(signal.id, 200)',
        '"event": signal.id',
        _guard("what_an_event_says_of_itself_forges_no_line_of_an_alert"),
    ),
    Mutant(
        "who made the call is shown as the event says",
        "engine/actors.py",
        "name=shown(_name(identity, issuer, arn, invoked_by)),",
        "name=_name(identity, issuer, arn, invoked_by),",
        _guard("what_an_event_says_of_itself_forges_no_line_of_an_alert"),
    ),
    Mutant(
        "where the call came from is shown as the event says",
        "engine/actors.py",
        'address=shown(_text(record.get("sourceIPAddress"))),',
        'address=_text(record.get("sourceIPAddress")),',
        _guard("what_an_event_says_of_itself_forges_no_line_of_an_alert"),
    ),
    Mutant(
        "what an event says ends a command of the shell",
        "engine/alerts.py",
        "{shlex.quote(said)}",
        "'{said}'",
        _guard("the_command_that_silences_a_finding_is_one_word_of_the_shell_whatever_its_id_says"),
    ),
    Mutant(
        "an alert offers to exempt the account",
        "engine/alerts.py",
        "if remediation.writes and case.resource != case.invocation.account and",
        "if case.resource and",
        _hearing("no_alert_offers_a_command_that_names_the_account"),
    ),
    Mutant(
        "calls show what AWS's model calls sensitive",
        "engine/clients.py",
        "disclosed(params, model.input_shape))",
        "dict(params))",
        "tests/functions/ssm/test_encrypt_parameter.py::test_the_value_is_in_no_evidence_journal_log_or_alert",
    ),
    Mutant(
        "a preview shows what calls hide",
        "engine/commands.py",
        '"wrong": disclosed(evidence)',
        '"wrong": evidence',
        _layer("alerts", "evidence_and_what_it_is_now_hide_what_calls_hide"),
    ),
    Mutant(
        "a condition's value is shown whatever its key",
        "engine/disclosure.py",
        'str(key).lower().endswith((":aud", ":sub")) else HIDDEN for',
        'str(key).lower().endswith((":aud", ":sub")) else value for',
        _layer("disclosure", "documents_external_ids_and_texts_under_secret_names_are_hidden"),
    ),
    Mutant(
        "what AWS left out of an answer is nothing",
        "engine/clients.py",
        'return Answer(f"{client.meta.service_model.service_name}:{operation}", answer)',
        "return answer",
        _guard("what_aws_left_out_of_an_answer_is_not_taken_for_nothing"),
    ),
    # Further commands.
    Mutant(
        "an event that says a command is one",
        "engine/commands.py",
        '"detail-type" not in event and any(',
        "any(",
        _guard("an_event_is_no_command_whatever_it_says_besides"),
    ),
    Mutant(
        "what nothing has told of can be released",
        "engine/commands.py",
        "    if not notices.is_held(name, resource) and not notices.is_contested(name, resource):\n",
        "    if not resource:\n",
        "tests/contract/test_commands.py::test_what_no_event_has_told_of_cannot_be_released[ec2/revoke_open_ingress]",
    ),
    Mutant(
        "what was contested days ago can be released",
        "engine/notices.py",
        "return seen > rows.now() - _CONTESTED_FOR and",
        "return",
        _guard("what_was_contested_days_ago_cannot_be_released"),
    ),
    Mutant(
        "what is held in preview stays held",
        "engine/notices.py",
        ' f"BREAKER#{remediation}#preview",',
        "",
        _guard("what_is_held_in_preview_can_be_released_in_preview"),
    ),
    Mutant(
        "what is held anew during a release is forgotten",
        "engine/commands.py",
        "if ended[one] is not Outcome.HELD and one != resource:",
        "if one != resource:",
        _guard("what_is_held_anew_while_the_rest_is_released_stays_held"),
    ),
    Mutant(
        "an old threat cannot be released",
        "engine/case.py",
        "        notices.hold(self.remediation.name, self.resource)\n",
        "",
        _engine("an_old_threat_is_told_and_acted_on_only_when_a_person_says_so"),
    ),
    Mutant(
        "what was tried again can be tried again",
        "engine/commands.py",
        "if (attempt.status not in _NOT_DONE and not is_undone) or attempt.retried:",
        "if attempt.status not in _NOT_DONE and not is_undone:",
        _guard("what_was_found_right_at_a_retry_is_settled"),
    ),
    Mutant(
        "another remediation's attempt can be tried again",
        "engine/commands.py",
        "if attempt is None or attempt.remediation != remediation.name:",
        "if attempt is None:",
        "tests/contract/test_commands.py::test_a_retry_is_refused_to_another_remediation",
    ),
    Mutant(
        "what a later event has put right is tried again",
        "engine/commands.py",
        "later.status in (Outcome.FIXED, Outcome.UNDONE):",
        "later.status == Outcome.UNDONE:",
        "tests/contract/test_commands.py::test_what_a_later_event_has_put_right_is_not_tried_again",
    ),
    Mutant(
        "the preview command writes",
        "engine/commands.py",
        "with clients.watched(preview=True) as calls:",
        "with clients.watched(preview=False) as calls:",
        _law("the_preview_command_shows_the_calls_and_writes_nothing"),
    ),
    Mutant(
        "the end of a silence is told by each that finds it",
        "engine/case.py",
        "            return  # who tells it forgets it\n",
        "            pass\n",
        _guard("the_end_of_a_silence_is_told_once_by_two_that_find_it_so_at_once"),
    ),
    Mutant(
        "an outcome that could not be written down is written without its end",
        "engine/journal.py",
        "_ending(fix) if fix.is_final else",
        "_ending(fix) if False else",
        _guard("what_ends_by_itself_ends_though_its_record_was_given_up_at_first"),
    ),
    Mutant(
        "an undo is given up where somebody grants an exemption at that moment",
        "engine/journal.py",
        "rows.write(all_together, reads_anew=True)",
        "rows.write(all_together)",
        "tests/contract/test_commands.py::test_an_undo_exempts_though_somebody_else_grants_an_exemption_at_that_moment",
    ),
    Mutant(
        "what was taken back is noted as tried again",
        "engine/journal.py",
        '            ConditionExpression="attribute_exists(pk)",\n            ExpressionAttributeValues={":now": rows.as_number(rows.now())},',
        '            ExpressionAttributeValues={":now": rows.as_number(rows.now())},',
        "tests/contract/test_commands.py::test_a_retry_of_what_wrote_nothing_leaves_no_row_that_nobody_can_read",
    ),
    Mutant(
        "what may be exempt by tags that AWS does not show is changed",
        "engine/case.py",
        "        if self.fix.writes:\n            told = f",
        "        if False:\n            told = f",
        "tests/contract/test_tags.py::test_where_aws_refuses_to_show_the_tags_nothing_is_changed_and_people_hear_its_own_sentence",
    ),
    Mutant(
        "what is warned of is looked for by the name that the call uses",
        "engine/algorithm.py",
        "events.looked_at(self.meant(events.read(event, reading)))",
        "self.meant(events.looked_at(events.read(event, reading)))",
        "tests/contract/test_later.py::test_a_containment_that_was_taken_off_and_is_warned_of_is_put_back_when_it_was_promised[iam/revoke_role_sessions]",
    ),
    Mutant(
        "an end that AWS refuses is not tried again",
        "engine/undo.py",
        "            if exemption is None or not _is_refusal(error):",
        "            if not _is_refusal(error):",
        _guard("a_block_whose_end_does_not_take_ends_at_a_later_tick"),
    ),
    Mutant(
        "an end that is not seen is not tried again",
        "engine/undo.py",
        "            if case.outcome is not Outcome.UNVERIFIED:\n",
        "            if case.outcome:\n",
        _guard("a_block_whose_end_does_not_take_ends_at_a_later_tick"),
    ),
    # Held ones, storms and the canary.
    Mutant(
        "of what is held, only the first of an hour is named",
        "engine/case.py",
        'own = f"{of_all}#{self.resource}"',
        'own = f"{of_all}#any"',
        _hearing("a_decoy_that_is_held_silences_no_other_and_each_is_named_once_an_hour_without_a_mail_for_each"),
    ),
    Mutant(
        "what is held and could not be put off counts as told",
        "engine/case.py",
        "            notices.notice_failed(own)\n",
        "",
        _hearing("of_what_is_held_nothing_is_lost_where_the_queue_of_what_is_told_together_is_gone"),
    ),
    Mutant(
        "a digest of ten thousand is larger than SNS takes",
        "engine/digests.py",
        "_MOST_LINES = 100",
        "_MOST_LINES = 100_000",
        _storm("a_digest_of_ten_thousand_is_cut_and_sent"),
    ),
    Mutant(
        "an alert of an earlier canary counts",
        "engine/canary.py",
        "alerts.seconds(at) >= started - 60",
        "alerts.seconds(at) >= 0",
        "tests/functions/snapback/test_send_canary.py::test_an_alert_of_an_earlier_canary_does_not_count",
    ),
    Mutant(
        "that the canary is held waits for the digest",
        "engine/storms.py",
        "return not _is_told_alone(case)",
        "return not case.signal.is_urgent",
        "tests/functions/snapback/test_send_canary.py::test_a_canary_that_the_breaker_holds_is_no_deafness_and_people_hear_what_keeps_its_port_open",
    ),
    Mutant(
        "an unheard canary leaves its port open",
        "engine/canary.py",
        "    _close(group)\n    logger",
        "    logger",
        "tests/functions/snapback/test_send_canary.py::test_a_trail_that_is_off_is_told_within_ten_minutes_and_the_port_is_closed",
    ),
    Mutant(
        "an unheard canary is told to nobody",
        "engine/canary.py",
        "    if missing:\n        _notify",
        "    if not missing:\n        _notify",
        "tests/functions/snapback/test_send_canary.py::test_a_trail_that_is_off_is_told_within_ten_minutes_and_the_port_is_closed",
    ),
    Mutant(
        "a canary that nobody closes is heard",
        "engine/canary.py",
        "is_closed = is_closed or not _rules(group)",
        "is_closed = True",
        "tests/functions/snapback/test_send_canary.py::test_a_trail_that_is_off_is_told_within_ten_minutes_and_the_port_is_closed",
    ),
    Mutant(
        "what was taken back half-made is told to nobody",
        "engine/journal.py",
        """{', untold = :now' * (fix.status == CLAIMED)}""",
        "",
        _guard("a_threat_whose_half_made_answer_was_taken_back_is_told_by_the_next_attempt"),
    ),
    Mutant(
        "an undo says that others have changed what is only being finished",
        "engine/undo.py",
        "    if found and fix.status == fixes.CLAIMED and journal.is_being_finished(fix):\n",
        "    if False:\n",
        _guard("who_takes_back_what_is_being_finished_just_now_is_told_to_come_again"),
    ),
    Mutant(
        "what is safe waits for what is not",
        "engine/definition.py",
        "return [item for item in live if not self.previews([item], signal)] or live",
        "return live",
        _guard("of_a_problem_that_is_safe_to_put_right_in_one_part_and_not_in_another_only_the_first_is_put_right"),
    ),
    Mutant(
        "an alert tells another class than the claim had",
        "engine/case.py",
        "return self.remediation.is_disruptive(self.fix.evidence or self.live, self.signal)",
        "return callable(self.remediation.disruptive) or self.remediation.disruptive",
        _guard("of_a_problem_that_is_safe_to_put_right_in_one_part_and_not_in_another_only_the_first_is_put_right"),
    ),
    Mutant(
        "it is forgotten that a stack took something away",
        "engine/case.py",
        "        if outcome is Outcome.WOULD_FIX and self.signal.is_by_stack and self.remediation.disruptive is by_stack:\n",
        "        if False:\n",
        _guard("what_its_stack_deletes_comes_back_only_when_a_person_says_so_whatever_sweeps_find"),
    ),
    Mutant(
        "a sweep brings back what a stack took away",
        "engine/algorithm.py",
        "            case.signal = case.signal._replace(is_by_stack=True)\n",
        "            pass\n",
        _guard("what_its_stack_deletes_comes_back_only_when_a_person_says_so_whatever_sweeps_find"),
    ),
    Mutant(
        "a user agent makes a stack",
        "engine/events.py",
        """_mapping(record.get("userIdentity")).get("invokedBy") == "cloudformation.amazonaws.com\"""",
        "actor.tool == 'CloudFormation'",
        _guard("a_user_agent_does_not_make_a_stack"),
    ),
    Mutant(
        "what a later version has written besides cannot be read",
        "engine/fixes.py",
        " if part in Fix.__dataclass_fields__}",
        "}",
        _guard("what_a_later_version_has_written_besides_can_be_read_and_taken_back_after_a_rollback"),
    ),
    # Who is let in from outside.
    Mutant(
        "whatever a call lets in is looked at",
        "accessanalyzer/sharing_calls.py",
        "if _is_made_by_a_service(record) or (_has_request(record) and not let_in(record)):",
        "if _is_made_by_a_service(record):",
        _external("a_call_that_lets_in_nobody_from_outside_is_left_without_a_look"),
    ),
    Mutant(
        "a service's grants are looked at",
        "accessanalyzer/sharing_calls.py",
        'return record["eventName"] == "CreateGrant" and bool(',
        'return record["eventName"] == "Another" and bool(',
        _external("a_grant_that_a_service_makes_in_somebodys_name_is_left"),
    ),
    Mutant(
        "what another remediation closes is asked about as well",
        "accessanalyzer/sharing_calls.py",
        "if one != EVERYBODY or not call.leaves_everybody]",
        "]",
        _external("what_a_call_opens_to_everybody_is_left_where_another_remediation_closes_it_at_once"),
    ),
    Mutant(
        "an organisation that may be ours is a stranger",
        "ec2/disk_shares.py",
        "and bool(we.organization) and",
        "and",
        _external("an_organisation_of_which_nobody_can_tell_whose_it_is_keeps_the_image"),
    ),
    Mutant(
        "a fix says that the problem is gone of what lets in others still",
        "engine/algorithm.py",
        "                fix.notes = {**fix.notes, **self.noted_of(case.resource)}\n",
        "",
        "tests/contract/test_what_stays.py::test_whoever_is_let_in_still_is_named_in_the_alert_of_the_fix[s3/block_public_bucket]",
    ),
    Mutant(
        "what stays and cannot be seen makes the fix doubtful",
        "engine/definition.py",
        "            if not refusals.is_refused(error):\n                raise\n",
        "            raise\n",
        "tests/contract/test_what_stays.py::test_that_it_cannot_be_seen_is_said_and_does_not_make_the_fix_doubtful",
    ),
    Mutant(
        "what was just made is put right at once",
        "engine/algorithm.py",
        "        return settled if settled > now else 0\n",
        "        return 0\n",
        _later("what_was_just_made_is_put_right_once_it_has_settled_if_it_is_still_wrong", "[require_bucket_tls-create]"),
    ),
    Mutant(
        "what has settled long ago is put off all the same",
        "engine/algorithm.py",
        "        return settled if settled > now else 0\n",
        "        return settled\n",
        _later("what_comes_when_it_has_settled_long_ago_is_handled_at_once"),
    ),
    Mutant(
        "the later look is put off once more",
        "engine/events.py",
        " and not self.threat and (self.look is None or self.look.why == WARNED)",
        " and not self.threat",
        _later("once_it_has_settled_the_clock_is_not_asked_again"),
    ),
    Mutant(
        "what happens meanwhile is put right at once",
        "engine/journal.py",
        '" AND (attribute_not_exists(settles) OR settles <= :now)"',
        '""',
        _later("an_event_meanwhile_is_left_to_the_look_that_is_due"),
    ),
    Mutant(
        "others leave the resource to a look that nobody has asked for",
        "engine/algorithm.py",
        """        name = fixes.fix_id("look", self.name,""",
        """        journal.settle(self.name, case.resource, look.due)
        name = fixes.fix_id("look", self.name,""",
        _later("where_there_is_no_look_to_come_nothing_is_left_to_it"),
    ),
    Mutant(
        "a second attempt asks for a second look",
        "engine/algorithm.py",
        "self.occasion(case.signal), look.why, str(look.number))",
        "self.occasion(case.signal), look.why, str(clock.now()))",
        _later("what_was_just_made_is_put_right_once_it_has_settled_if_it_is_still_wrong", "[require_bucket_tls-create]"),
    ),
    Mutant(
        "a schedule that is there already is an error",
        "engine/later.py",
        """        if refusals.code_of(error) != "ConflictException":
            raise
""",
        "        raise\n",
        _later("what_was_just_made_is_put_right_once_it_has_settled_if_it_is_still_wrong", "[require_bucket_tls-create]"),
    ),
    Mutant(
        "what the clock refuses is told to nobody",
        "engine/algorithm.py",
        "            if case.unscheduled and found:\n",
        "            if case.unscheduled and False:\n",
        _later("a_clock_that_refuses_is_told_with_its_own_sentence_and_nothing_is_changed"),
    ),
    Mutant(
        "a look may name what its event does not",
        "engine/events.py",
        "    named = [one for one in signal.named if one == look.resource]\n",
        "    named = [look.resource]\n",
        _later("a_look_at_what_the_event_does_not_name_is_none"),
    ),
    Mutant(
        "a busy resource is looked at again every minute",
        "engine/algorithm.py",
        "number = look.number + 1 if look and look.why == later.BUSY else 1",
        "number = 1",
        _later("what_aws_is_at_work_on_is_looked_at_at_growing_distances_until_it_is_at_rest", "[3]"),
    ),
    Mutant(
        "what never comes to rest is not told",
        "engine/algorithm.py",
        "        if number > len(later.DISTANCES):\n",
        "        if False:\n",
        _later("what_never_comes_to_rest_is_told_in_the_end_and_can_be_tried_again"),
    ),
    Mutant(
        "a person's command is put off",
        "engine/algorithm.py",
        "if not case.signal.event or not later.is_there() or",
        "if not later.is_there() or",
        _later("a_person_is_told_at_once_that_it_is_busy"),
    ),
    Mutant(
        "what another invocation is at work on is put off",
        "engine/algorithm.py",
        "        except (StillChanging, ClientError) as error:\n",
        "        except (ResourceBusy, ClientError) as error:\n",
        _later("another_invocation_at_work_is_left_to_lambda"),
    ),
    Mutant(
        "what the clock refuses for a busy resource is lost",
        "engine/algorithm.py",
        """            case.end_unscheduled(case.live)
            raise error
""",
        "            return case.end_unscheduled(case.live)\n",
        _later("where_the_clock_refuses_what_is_busy_is_told_and_tried_again_by_lambda"),
    ),
    Mutant(
        "news that came while it settled is waited for once more",
        "engine/algorithm.py",
        "            if case.signal.source == error.news or case.signal.look:\n",
        "            if case.signal.source == error.news:\n",
        _later("what_is_still_being_made_when_it_should_have_settled_is_looked_at_until_it_is_there"),
    ),
    # What contains a threat holds.
    Mutant(
        "what contains a threat is not noted",
        "engine/case.py",
        "        if outcome in _CHANGED_IT and self.remediation.taken_off_by:\n",
        "        if False:\n",
        _containment("what_is_taken_off_is_put_back_and_told_as_high"),
    ),
    Mutant(
        "what was taken back counts as contained",
        "engine/journal.py",
        "return fix if fix and fix.status in _STANDING and fix.changed else None",
        "return fix",
        _containment("after_an_undo_nothing_is_contained_any_more_whoever_changes_it"),
    ),
    Mutant(
        "a block whose time is over counts as contained",
        "engine/journal.py",
        "if int(entry.split()[0]) > rows.now()]\n    return list(dict.fromkeys(fix.resource",
        "]\n    return list(dict.fromkeys(fix.resource",
        "tests/contract/test_containment.py::test_an_address_whose_time_is_over_may_be_left_out",
    ),
    Mutant(
        "what nothing contains is looked at",
        "engine/remediation.py",
        "if signal.leave is not None or signal.source not in self.taken_off_by:",
        "if True:",
        _containment("what_nothing_has_contained_is_left_without_a_look"),
    ),
    Mutant(
        "what is taken off is told as if it needed nobody",
        "engine/alerts.py",
        "signal.is_threat or _is_taken_off(case) or bool(",
        "signal.is_threat or bool(",
        _containment("what_is_taken_off_is_put_back_and_told_as_high"),
    ),
    Mutant(
        "the end of an exemption waits for the next event",
        "engine/commands.py",
        """    then = "" if exemption.is_silence or""",
        """    then = "" if True or exemption.is_silence or""",
        _later("what_was_exempt_is_looked_at_when_the_exemption_ends"),
    ),
    Mutant(
        "the end of an exemption contains what nothing accuses",
        "engine/exemption_ends.py",
        "    if remediation.answers_threats:  #",
        "    if False and remediation.answers_threats:  #",
        _later("the_end_of_an_exemption_contains_nothing_and_nobody_promises_a_look") + "[ecs/stop_task]",
    ),
    Mutant(
        "a look is promised for the end of what contains a threat",
        "engine/exemption_ends.py",
        "or not later.is_there() or case.remediation.answers_threats:",
        "or not later.is_there():",
        _later("a_false_alarm_that_was_taken_back_stays_taken_back"),
    ),
    Mutant(
        "an alert about an attack step waits for IAM",
        "engine/steps.py",
        "    except (ClientError, BotoCoreError) as error:",
        "    except UnreadableEvent as error:",
        "tests/functions/cloudtrail/test_report_attack_steps.py::test_of_whom_iam_says_nothing_is_told_all_the_same_and_at_once[throttled]",
    ),
    Mutant(
        "of an exemption by the beginning of names nothing is looked at",
        "engine/exemption_ends.py",
        "if one.startswith(given[:-1])) if given.endswith",
        "if one == given) if given.endswith",
        _later("of_an_exemption_by_the_beginning_of_names_what_it_kept_from_being_fixed_is_looked_at"),
    ),
    Mutant(
        "the end of a fix waits for the sweep",
        "engine/case.py",
        "            self._arrange_end()\n",
        "            pass\n",
        _later("a_fix_that_ends_by_itself_ends_on_time"),
    ),
    Mutant(
        "nobody is warned",
        "engine/case.py",
        "        preview = preview or bool(warning)\n",
        "        pass\n",
        _later("people_are_warned_before_it_is_put_right_where_they_want_that"),
    ),
    Mutant(
        "people are warned for ever",
        "engine/events.py",
        " and not (self.look and self.look.is_warned)",
        "",
        _later("people_are_warned_before_it_is_put_right_where_they_want_that"),
    ),
    Mutant(
        "a threat waits for its warning",
        "engine/events.py",
        "return bool(self.event) and not self.threat and not (self.look",
        "return bool(self.event) and not (self.look",
        _later("a_threat_is_not_waited_for"),
    ),
    Mutant(
        "what was busy is warned of a second time",
        "engine/algorithm.py",
        "is_warned=bool(look and look.is_warned)",
        "is_warned=False",
        _later("what_has_settled_is_warned_of_and_then_put_right"),
    ),
    Mutant(
        "the stack's own completion is no sweep",
        "engine/events.py",
        "    if _SWEEP in reading.named_by:\n",
        "    if False:\n",
        "tests/contract/test_patterns.py::test_who_remembers_a_good_state_sweeps_for_the_first_time_as_soon_as_the_stack_stands",
    ),
    Mutant(
        "what a stack or a service does is a step",
        "engine/steps.py",
        'if identity.get("type") == "Root" or identity.get("invokedBy", "AWS Internal") not in _PEOPLE:',
        "if False:",
        _steps("who_is_expected_is_not_told_of"),
    ),
    Mutant(
        "who steals a session of Identity Center is expected",
        "engine/steps.py",
        " and not holder.startswith(_IDENTITY_CENTER)",
        "",
        _steps("who_is_expected_is_not_told_of"),
    ),
    Mutant(
        "people of Identity Center are one",
        "engine/steps.py",
        'return issuer if issuer and f":{_IDENTITY_CENTER}" not in issuer.replace("/aws-reserved/sso.amazonaws.com", "") else _identity(record)',
        "return issuer or _identity(record)",
        _steps("people_of_identity_center_are_not_one_for_having_the_same_role"),
    ),
    Mutant(
        "each run of a pipeline is another identity",
        "engine/steps.py",
        'return issuer if issuer and f":{_IDENTITY_CENTER}" not in issuer.replace("/aws-reserved/sso.amazonaws.com", "") else _identity(record)',
        "return _identity(record)",
        _steps("what_is_daily_work_of_a_role_is_told_once_a_month_whatever_its_sessions_are_called"),
    ),
    Mutant(
        "a refused call is a step like any other",
        "engine/steps.py",
        'return "" if step.refused == unwanted else step.told(record)',
        "return step.told(record)",
        _steps("a_refused_call_is_told_only_where_the_attempt_says_enough"),
    ),
    Mutant(
        "who comes back to the same instance makes a series",
        "engine/steps.py",
        'one = str(request_of(record).get(step.each, "")) or event',
        "one = event",
        _steps("who_goes_into_one_instance_after_the_other_is_told_and_who_comes_back_to_the_same_is_not"),
    ),
    Mutant(
        "an old deed counts as one of the day",
        "engine/counts.py",
        "recent = [one for one in kept if one[1] > rows.now() - seconds]",
        "recent = list(kept)",
        _steps("the_second_alert_says_what_else_the_same_session_did_within_a_day_and_no_other_session"),
    ),
    Mutant(
        "what a name says leads out of the console",
        "engine/links.py",
        'encoded = {name: quote(part, safe="") for name, part in parts.items()}',
        "encoded = dict(parts)",
        "tests/engine/test_links.py::test_nothing_in_a_name_leaves_its_place_in_a_link",
    ),
    Mutant(
        "a command's word that nobody reads is left out in silence",
        "engine/commands.py",
        "    if unknown is not None:\n",
        "    if False:\n",
        "tests/contract/test_commands.py::test_a_command_with_a_wrong_word_or_name_is_refused_and_says_what_there_is",
    ),
    Mutant(
        "to make a fix again ends whatever exemption there is",
        "engine/commands.py",
        'if any(one.resource == exempt and one.owner == "undo" for one',
        "if any(one.resource == exempt for one",
        "tests/contract/test_commands.py::test_to_make_a_fix_again_ends_no_exemption_that_a_person_has_granted",
    ),
    Mutant(
        "somebody is woken for a sample",
        "engine/alerts.py",
        "is_threat = not is_sample and (",
        "is_threat = (",
        "tests/functions/guardduty/test_report_finding.py::test_samples_are_told_as_samples_even_of_types_that_others_answer_but_only_one_in_an_hour",
    ),
    Mutant(
        "a threat that was contained needs nobody",
        "engine/alerts.py",
        "needs_person=is_threat\n",
        "needs_person=bool(0)\n",
        _layer("alerts", "the_alert_of_a_fix_that_answers_a_finding_is_about_the_threat_first_and_as_severe_as_that"),
    ),
    Mutant(
        "what is only shown is changed along with the rest",
        "engine/one_change.py",
        "claim.is_continued or case.fix.preview or not case.fix.writes",
        "claim.is_continued",
        _layer("together", "what_is_off_or_only_shown_is_not_changed_along_with_the_rest"),
    ),
    Mutant(
        "a call that was made for several counts only where a fix comes to it",
        "engine/clients.py",
        "    if _made and not preview:\n",
        "    if False and _made:\n",
        "tests/engine/test_together.py::test_whatever_single_call_goes_wrong_each_outcome_is_true_and_none_is_lost[denied]",
    ),
    Mutant(
        "what is written is not read anew",
        "engine/clients.py",
        "        else:\n            ask_anew()\n",
        "        else:\n            pass\n",
        _layer("together", "a_read_is_not_answered_from_memory_once_something_was_written"),
    ),
    Mutant(
        "whoever shares a function hears each other's findings",
        "engine/events.py",
        "        return any(one in controls for one in asked)\n",
        "        return True\n",
        _layer("together", "a_finding_is_for_the_remediation_whose_control_has_found_it"),
    ),
    Mutant(
        "a later look is not addressed",
        "engine/later.py",
        "{**event, **invocation.meant, ",
        "{**event, ",
        _layer("together", "a_later_look_is_for_the_remediation_that_has_put_it_off"),
    ),
    # Surveys, and what they have shown being applied.
    Mutant(
        "a survey shows what is exempt",
        "engine/case.py",
        "if refusal := journal.exemption_in(shown, decided) or self._refused_by_tags():",
        "if refusal := self._refused_by_tags():",
        _survey("what_is_exempt_is_neither_shown_nor_told"),
    ),
    Mutant(
        "a survey shows what a tag exempts",
        "engine/case.py",
        "if refusal := journal.exemption_in(shown, decided) or self._refused_by_tags():",
        "if refusal := journal.exemption_in(shown, decided):",
        _survey("what_a_tag_exempts_is_not_shown_and_what_has_not_opted_in_says_so"),
    ),
    Mutant(
        "a survey shows the same again",
        "engine/case.py",
        "        if known:\n            return self.end(Outcome.HANDLED",
        "        if False:\n            return self.end(Outcome.HANDLED",
        "tests/contract/test_survey.py::test_a_survey_finds_once_what_a_preview_would_show_with_the_same_calls_and_nothing_once_it_is_put_right[ec2/revoke_open_ingress]",
    ),
    Mutant(
        "what was shown is never shown again",
        "engine/journal.py",
        'after = found.applied or (holder.id if holder and holder.is_final and holder.finished_at > found.finished_at else "")',
        'after = ""',
        _survey("what_was_put_right_since_and_is_there_again_is_shown_again"),
    ),
    Mutant(
        "a survey tells each alone",
        "engine/case.py",
        "alerts.notify(self, Outcome.WOULD_FIX, together=True)",
        "alerts.notify(self, Outcome.WOULD_FIX)",
        _survey("hundreds_are_told_in_one_message_from_which_one_can_be_applied"),
    ),
    Mutant(
        "a survey writes down first, and a failure to tell is never told",
        "engine/case.py",
        "        alerts.notify(self, Outcome.WOULD_FIX, together=True)\n        journal.show(shown)",
        "        journal.show(shown)\n        alerts.notify(self, Outcome.WOULD_FIX, together=True)",
        _survey("what_could_not_be_told_is_told_by_the_next_survey"),
    ),
    Mutant(
        "a survey of what is off looks all the same",
        "engine/surveys.py",
        "if choice.mode == modes.OFF:",
        "if False:",
        _survey("what_is_off_is_not_looked_at"),
    ),
    Mutant(
        "a survey begins with another when its time is nearly over",
        "engine/surveys.py",
        "if invocation.seconds_left() < FOR_ANOTHER:",
        "if False:",
        _survey("with_no_time_left_it_says_how_to_go_on_and_in_parts_everything_is_seen_once"),
    ),
    Mutant(
        "a survey that looks at none goes on for ever",
        "engine/surveys.py",
        "    if not done:\n        raise CommandError",
        "    if False:\n        raise CommandError",
        _survey("where_not_even_one_can_be_looked_at_it_does_not_go_on_for_ever"),
    ),
    Mutant(
        "what a survey could not look at is hidden",
        "engine/surveys.py",
        "    if failures and (not left or len(failures) > _TOLD):",
        "    if False and failures:",
        _survey("one_that_cannot_be_looked_at_keeps_back_no_other_and_is_not_hidden"),
    ),
    Mutant(
        "what the survey's file says is believed",
        "engine/commands.py",
        "if different := _different(shown, first) or",
        "if different := shown.reason or",
        "tests/local/test_applying.py::test_what_the_file_shows_and_the_resource_does_not_is_not_applied",
    ),
    Mutant(
        "the class that the survey's file says is believed",
        "engine/commands.py",
        "or _otherwise(remediation, shown, case.signal, wish):",
        "or '':",
        "tests/local/test_applying.py::test_what_the_file_shows_and_the_resource_does_not_is_not_applied",
    ),
    Mutant(
        "a threat is answered because a file says so",
        "engine/commands.py",
        "    surveys.lister_for(remediation)",
        "    pass",
        _survey("each_remediation_can_look_at_all_there_is_or_says_in_a_sentence_why_not"),
    ),
    Mutant(
        "people are told of an id that no entry has room for",
        "engine/case.py",
        "fixes.refuse_too_large(shown)",
        "pass",
        _survey("what_no_entry_has_room_for_is_told_as_that_and_not_applied"),
    ),
    Mutant(
        "what was put right by hand is never shown again",
        "engine/case.py",
        "each_day=True",
        "each_day=False",
        _survey("what_was_put_right_by_hand_and_is_wrong_again_is_shown_again_after_a_day"),
    ),
    Mutant(
        "an apply of a survey that was cut off is never finished",
        "engine/commands.py",
        "if known and _is_half_made(remediation, known):",
        "if False:",
        _survey("an_attempt_to_apply_that_was_cut_off_is_finished_by_the_same_command"),
    ),
    Mutant(
        "what is applied with others is told alone",
        "engine/case.py",
        "in_storm=self.signal.is_together,",
        "",
        "tests/local/test_applying.py::test_all_that_one_remediation_has_found_is_put_right_told_together_and_can_be_taken_back",
    ),
    Mutant(
        "what is looked for later is answered from memory",
        "engine/algorithm.py",
        "            clock.pause(wait)\n            clients.ask_anew()\n            evidence",
        "            clock.pause(wait)\n            evidence",
        _layer("together", "a_young_change_is_looked_for_in_aws_and_not_in_memory"),
    ),
    Mutant(
        "whoever shares a function resolves each other's findings",
        "engine/together.py",
        "one.read(events.with_findings_of(event, one.controls) if hearing else event, ",
        "one.read(event, ",
        _layer("together", "of_an_event_with_findings_of_several_controls_each_remediation_answers_its_own_and_resolves_no_other"),
    ),
    Mutant(
        "a defect of one that shares a function keeps the others from telling",
        "engine/one_change.py",
        "        except Exception as error:  # noqa: BLE001",
        "        except ClientError as error:  # noqa: BLE001",
        _layer("together", "a_defect_of_one_stops_no_other"),
    ),
)
