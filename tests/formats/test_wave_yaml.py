"""A wave file says what is wrong with it, where."""

import pytest

from fieldkit.core.problem import Problem
from fieldkit.formats.wave_yaml import load_wave

GOOD = """
id: burden-2026-2
number: 2
study:
  {id: burden-2026, title: 基层负担调查, team: 课题组, email: team@example.org,
   ethics_number: 2026-018, approval_note: 已同意}
questionnaire: short
version: 1.0.0
opens_on: 2026-11-02
closes_on: 2026-11-30
withdraw_until: 2026-12-31
keep_until: 2027-06-30
counties: [{code: "330523", invited: 180}, "330522"]
peers: ["330523", "330522"]
peer_rule: 人均财政收入相近的浙江县
"""


@pytest.fixture
def written(tmp_path):
    def write(text):
        path = tmp_path / "wave.yaml"
        path.write_text(text, "utf-8")
        return path

    return write


def test_a_wave_file_becomes_a_wave(written):
    wave = load_wave(written(GOOD))
    assert (wave.id, wave.number, wave.study.team) == ("burden-2026-2", 2, "课题组")
    assert [(c.code, c.invited) for c in wave.counties] == [("330523", 180), ("330522", None)]
    assert wave.n_min == 10


@pytest.mark.parametrize(
    ("old", "new", "code", "where"),
    [
        ("number: 2\n", "", "wave.broken_missing", "number"),
        ("ethics_number: 2026-018", "ethics_number: ''", "wave.broken_missing", "study.ethics_number"),
        ("opens_on: 2026-11-02", "opens_on: soon", "wave.broken_date", "opens_on"),
        ("opens_on: 2026-11-02", "opens_on: 2027-11-02", "wave.broken_value", "must follow"),
        ('"330522"]\npeers', "330522]\npeers", "wave.broken_code", "counties: 330522"),
        ('peers: ["330523"', "peers: [330523", "wave.broken_code", "peers: 330523"),
        ("peer_rule:", "pear_rule:", "wave.broken_unknown", "pear_rule"),
        ("id: burden-2026-2", "id: Burden 2026", "wave.broken_value", "wave id"),
        ("version: 1.0.0", "version: 1.0.0\nn_min: 5", "wave.broken_value", "lowered"),
        ("number: 2", "number: [", "wave.broken_yaml", "line"),
    ],
)
def test_a_mistake_is_named_with_its_field(written, old, new, code, where):
    assert old in GOOD
    with pytest.raises(Problem) as caught:
        load_wave(written(GOOD.replace(old, new, 1)))
    assert caught.value.code == code
    assert where in caught.value.where


def test_a_file_that_is_no_mapping_or_too_large_is_refused(written):
    for text, code in (("- a\n- b\n", "wave.broken_mapping"), ("a: " + "x" * 2_000_000, "wave.broken_size")):
        with pytest.raises(Problem) as caught:
            load_wave(written(text))
        assert caught.value.code == code
