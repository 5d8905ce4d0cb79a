"""Files come on record by their person's word, and the complete record is sealed (P6.5; R1, R3, R6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, ClassVar

import pytest

from emergency.domain.attachment import MOST_BYTES, check_upload, upload_prefix
from emergency.domain.deadline import Watched
from emergency.domain.errors import DecisionSettled, ForgedForm, UnusableFile
from emergency.domain.seal import manifest, part
from emergency.domain.terms import DecisionKind, Outcome, Team
from emergency.domain.timeline import Fact
from tests.support.events import alarm
from tests.support.house import PLACE, House
from tests.support.memory import EPOCH as NOW
from tests.support.memory import MemoryArchive, MemoryIncidents

PNG = b"\x89PNG\r\n\x1a\n, a graph"


@pytest.fixture
def incident_id(working: House) -> str:
    incident_id = working.activate()
    working.assign(incident_id, Team.TECHNICAL_SUPPORT)
    return incident_id


@pytest.fixture
def link(working: House, incident_id: str) -> str:
    """The technical lead's link."""
    return working.asked(incident_id, DecisionKind.COMPLETE, Team.TECHNICAL_SUPPORT)


class TestFiles:
    def test_a_file_is_nobodys_until_its_person_says_so_and_then_it_is_on_record_once(
        self, working: House, link: str, incident_id: str
    ) -> None:
        key = working.upload(link, "graph.png", PNG)
        assert working.files.look(working.open(link), key).name == "graph.png"
        assert not working.archive.files
        for _ in range(2):
            working.add_file(link, key)
        again = working.upload(link, "graph.png", PNG)
        working.add_file(link, again)
        (added,) = [e for e in MemoryIncidents(working.store).timeline(incident_id) if e.fact is Fact.FILE_ADDED]
        assert (added.details["sha256"], added.details["size"]) == (hashlib.sha256(PNG).hexdigest(), len(PNG))
        assert working.archive.files[str(added.details["archived"])] == PNG

    @pytest.mark.parametrize(
        ("name", "content", "problem"),
        [
            ("program.exe", b"MZ", "type"),
            ("program.png", b"MZ", "type"),
            ("empty.png", b"", "missing"),
            ("large.txt", b"x" * (MOST_BYTES + 1), "too_large"),
        ],
    )
    def test_a_file_of_the_wrong_kind_or_over_the_limit_leaves_nothing(
        self, working: House, link: str, incident_id: str, name: str, content: bytes, problem: str
    ) -> None:
        facts = working.facts(incident_id)
        with pytest.raises(UnusableFile) as why:
            working.add_file(link, working.upload(link, name, content))
        assert why.value.problem == problem
        assert not working.archive.files
        assert working.facts(incident_id) == facts

    def test_a_file_that_is_too_large_is_not_read(
        self, working: House, link: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Taken out: the size in `AddFile.look`; a function would run out of memory before it could say so."""
        read = list[str]()
        monkeypatch.setattr(working.uploads, "read", read.append)
        with pytest.raises(UnusableFile):
            working.add_file(link, working.upload(link, "large.txt", b"x" * (MOST_BYTES + 1)))
        assert read == []

    def test_r6_nobody_puts_somebody_elses_file_on_record(self, working: House, link: str, incident_id: str) -> None:
        other = working.link_ids("engineer-a")[0]
        key = working.upload(other, "graph.png", PNG)
        for look in (lambda: working.files.look(working.open(link), key), lambda: working.add_file(link, key)):
            with pytest.raises(UnusableFile) as why:
                look()
            assert why.value.problem == "missing"
        assert "file_added" not in working.facts(incident_id)

    @pytest.mark.parametrize(
        "key",
        [
            lambda own: "",
            lambda own: own,
            lambda own: f"{own}once/",
            lambda own: f"{own}graph.png",
            lambda own: f"{own}once/deeper/graph.png",
            lambda own: f"other/{own}once/graph.png",
            lambda own: own.replace("INC-", "INC-1") + "once/graph.png",
            lambda own: own[:-1] + "-deputy/once/graph.png",
            lambda own: own.removeprefix("uploads/") + "once/graph.png",
        ],
    )
    def test_r6_only_a_key_that_was_made_for_the_links_person_is_theirs(
        self, working: House, link: str, key: Callable[[str], str]
    ) -> None:
        opened = working.open(link).link
        own = upload_prefix(opened, "x").removesuffix("x/")
        check_upload(opened, f"{own}once/graph.png")
        with pytest.raises(UnusableFile):
            check_upload(opened, key(own))

    def test_each_form_has_a_place_of_its_own(self, working: House, link: str) -> None:
        keys = {working.upload(link, "graph.png", PNG) for _ in range(3)}
        assert len(keys) == 3

    def test_a_forged_or_late_word_puts_nothing_on_record(self, working: House, link: str, incident_id: str) -> None:
        key = working.upload(link, "graph.png", PNG)
        with pytest.raises(ForgedForm):
            working.files(working.open(link), {"nonce": ["made up"], "key": [key]})
        working.press(link, Outcome.COMPLETED, measures=["Done"])
        with pytest.raises(DecisionSettled):
            working.add_file(link, key)
        assert "file_added" not in working.facts(incident_id)


def manifest_of(house: House, incident_id: str) -> Any:
    return json.loads(house.archive.files[f"{incident_id}/manifest.json"])


def ended(house: House, incident_id: str) -> None:
    house.begin_clean_up(incident_id)
    house.assemble(incident_id)
    house.write(incident_id)
    house.close(incident_id)


class TestSeal:
    def test_the_manifest_names_every_part_with_its_own_digest(
        self, working: House, link: str, incident_id: str
    ) -> None:
        """Taken out: the digest of a part, by any other; a file on record that the manifest leaves out."""
        working.add_file(link, working.upload(link, "graph.png", PNG))
        ended(working, incident_id)
        sealed = manifest_of(working, incident_id)
        files = {name: content for name, content in working.archive.files.items() if not name.endswith("manifest.json")}
        assert {one["name"] for one in sealed["parts"]} == set(files)
        for one in sealed["parts"]:
            assert one["sha256"] == hashlib.sha256(files[one["name"]]).hexdigest()
            assert one["size"] == len(files[one["name"]])

    def test_the_timeline_holds_the_manifests_own_digest(self, working: House, incident_id: str) -> None:
        ended(working, incident_id)
        last = [e for e in MemoryIncidents(working.store).timeline(incident_id) if e.fact is Fact.RECORD_SEALED][-1]
        content = working.archive.files[f"{incident_id}/manifest.json"]
        assert last.details["digest"] == hashlib.sha256(content).hexdigest()
        assert last.details["parts"] == len(manifest_of(working, incident_id)["parts"])

    def test_the_same_facts_are_sealed_once(self, working: House, incident_id: str) -> None:
        ended(working, incident_id)
        files, facts = dict(working.archive.files), working.facts(incident_id)
        for _ in range(2):
            working.seal(incident_id, PLACE)
        assert working.archive.files == files
        assert working.facts(incident_id) == facts

    def test_the_signals_are_sealed_with_their_events_as_they_came(self, working: House, incident_id: str) -> None:
        """Taken out: the line that files them; the name in the manifest."""
        sealed = working.seal(incident_id, PLACE)
        name = f"{incident_id}/signals.jsonl"
        filed = working.archive.files[name]
        (line,) = filed.decode().splitlines()
        assert json.loads(json.loads(line)["event"]) == alarm()
        assert part(name, filed) in sealed.parts

    def test_a_later_fact_is_a_new_seal(self, working: House, link: str, incident_id: str) -> None:
        working.assemble(incident_id)
        before = manifest_of(working, incident_id)
        working.note(link, "One more thing")
        working.seal(incident_id, PLACE)
        after = manifest_of(working, incident_id)
        assert after["sealed_at"] > before["sealed_at"]
        assert after["parts"] != before["parts"]
        assert working.facts(incident_id).count("record_sealed") == 2

    def test_of_two_who_seal_at_once_the_last_manifest_names_what_is_there(
        self, working: House, link: str, incident_id: str
    ) -> None:
        """Taken out: the look at what is filed once the manifest is; then the slower one's stays, of another record."""
        working.assemble(incident_id)
        archive, seal = working.archive, working.seal

        class Slow(MemoryArchive):
            def put(self, name: str, content: str | bytes, content_type: str) -> None:
                if name.endswith("/manifest.json") and not self.overtaken:
                    self.overtaken.append(name)
                    working.note(link, "Said in between")
                    seal(incident_id, PLACE)
                super().put(name, content, content_type)

            overtaken: ClassVar[list[str]] = []

        working.note(link, "One more thing")
        replace(seal, archive=Slow(archive.files))(incident_id, PLACE)
        assert Slow.overtaken
        for one in manifest_of(working, incident_id)["parts"]:
            assert one["sha256"] == hashlib.sha256(archive.files[one["name"]]).hexdigest()
        last = [e for e in MemoryIncidents(working.store).timeline(incident_id) if e.fact is Fact.RECORD_SEALED][-1]
        assert last.details["digest"] == hashlib.sha256(archive.files[f"{incident_id}/manifest.json"]).hexdigest()

    def test_r3_no_secret_is_in_what_is_filed(self, working: House, link: str, incident_id: str) -> None:
        working.start_clocks(incident_id)
        working.watch(incident_id, Watched.TASKS, "token-of-a-clock")
        ended(working, incident_id)
        everything = b"".join(working.archive.files.values()).decode()
        decisions = working.store.decisions.values()
        secrets = {one.form_key for one in decisions} | {one.task_token for one in decisions if one.task_token}
        for secret in (*secrets, "token-of-a-clock", link, *working.store.links):
            assert secret not in everything

    def test_of_two_parts_with_one_name_the_later_counts_and_all_are_in_order(self) -> None:
        sealed = manifest("INC-1", [part("b", b"1"), part("a", b"2"), part("b", b"3")], NOW)
        assert [(one.name, one.sha256) for one in sealed.parts] == [
            ("a", hashlib.sha256(b"2").hexdigest()),
            ("b", hashlib.sha256(b"3").hexdigest()),
        ]
