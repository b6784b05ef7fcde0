"""What the server gives for phones without a network: the worker, the words fetched later, the signed receipt."""

import re
import secrets

import pytest

from fieldkit.core.signed_receipt import read_signed
from fieldkit.core.submission import ALPHABET
from fieldkit.web.delivery import STATIC
from fieldkit.web.phone.assets import PARTS, joined
from fieldkit.web.phone.offline import LATER, WORKER
from tests.phone_site import COUNTY, make_site

PAGE = f"/w/short/{COUNTY}"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    site = make_site(tmp_path_factory.mktemp("offline"))
    yield site
    site.app.extensions["fieldkit"].collector.close()
    site.engine.dispose()
    site.app.extensions["fieldkit"].engine.dispose()


@pytest.fixture
def client(site):
    return site.app.test_client()


def sent():
    return {
        "id": secrets.token_hex(16),
        "receipt_code": "".join(secrets.choice(ALPHABET) for _ in range(12)),
        "questionnaire": "short",
        "version": "1.0.0",
        "language": "zh",
        "answers": {"core_consent": 1, "core_level": 1},
    }


def test_the_worker_may_look_after_the_respondents_pages_and_is_never_kept_unasked(client):
    answer = client.get("/w/-/worker.js")
    assert answer.headers["Service-Worker-Allowed"] == "/"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert "connect-src 'self'" in answer.headers["Content-Security-Policy"]
    assert client.get("/w/-/worker.js", headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304


def test_the_worker_is_one_classic_script_that_older_phones_can_run(client):
    text = client.get("/w/-/worker.js").text
    assert not re.search(r"^\s*(import|export)\b", text, re.M)
    for name in WORKER:
        assert (STATIC / name).read_text("utf-8").splitlines()[0] in text


def test_every_module_that_is_fetched_later_is_kept_by_the_worker():
    """What comes after the page is one file, which imports no other, and the table of units."""
    found, waiting = set(), ["phone-later.js", "area.js"]
    while waiting:
        name = waiting.pop()
        found.add(name)
        text = joined(name).decode() if name in PARTS else (STATIC / name).read_text("utf-8")
        waiting += [one for one in re.findall(r'\bfrom "\./([\w-]+\.js)"', text) if one not in found]
    assert found == set(LATER)


def test_the_words_fetched_later_stand_under_their_hash_and_are_kept_for_ever(client):
    address = re.search(r'data-words="([^"]+)"', client.get(PAGE).text)[1]
    answer = client.get(address)
    assert answer.json["received"] == "已收到"
    assert "immutable" in answer.headers["Cache-Control"]
    assert client.get(re.sub(r"\w+\.json", "0.json", address)).headers["Cache-Control"] == "no-store"
    assert client.get(address.replace("/zh/", "/en/")).json["received"] == "Received"
    assert client.get(address.replace("/zh/", "/bo/")).json["received"] == "已收到", "Chinese where we have no words"
    assert client.get(address.replace("/zh/", "/..%2e/")).status_code == 404


def test_no_wave_can_have_the_address_of_the_worker(client):
    assert client.get("/w/-").status_code == 404
    assert client.get(f"/w/-/{COUNTY}").status_code == 404


def test_every_delivery_is_answered_with_a_receipt_that_the_server_can_check(site, client):
    one = sent()
    first = client.post(f"{PAGE}/responses", json=one).json
    again = client.post(f"{PAGE}/responses", json=one).json
    found = read_signed(site.app.extensions["fieldkit"].receipt_key, first["signed"])
    assert (found.wave, found.day) == ("short", site.today)
    assert again["signed"] == first["signed"]
    assert one["id"] not in first["signed"].lower()
    assert first["receipt_code"].replace("-", "") not in first["signed"]


def test_anybody_can_check_a_receipt_and_nothing_is_noted(site, client):
    line = client.post(f"{PAGE}/responses", json=sent()).json["signed"]
    before = {table: site.count(table) for table in ("response", "audit", "tally")}
    assert "凭据是真的" in client.post("/receipt", data={"receipt": line}).text
    told = client.post("/receipt", data={"receipt": line[:-2] + "AA"})
    assert "核对不上" in told.text
    assert "The receipt is genuine" in client.post("/receipt?lang=en", data={"receipt": line}).text
    assert "<b>" not in client.post("/receipt", data={"receipt": "<b>x</b>"}).text.split("<textarea")[1].split("<p")[0]
    assert {table: site.count(table) for table in before} == before


def test_the_key_of_the_receipts_is_made_once_and_readable_by_the_owner_only(site):
    folder = site.app.extensions["fieldkit"].settings.data_dir
    path = folder / "receipt.key"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.read_bytes() == site.app.extensions["fieldkit"].receipt_key
    assert path.read_bytes() != (folder / "secret.key").read_bytes()


def test_a_server_that_cannot_store_says_when_to_come_back(site, client, monkeypatch):
    from fieldkit.core.problem import Problem

    def busy(_):
        raise Problem("store.unavailable")

    monkeypatch.setattr(site.app.extensions["fieldkit"].collector, "submit", busy)
    answer = client.post(f"{PAGE}/responses", json=sent())
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "20")


def test_every_page_of_the_respondents_side_sends_what_waits(client):
    for address in ("/w/short", "/w/short/withdraw", "/area", "/receipt"):
        assert "/phone-waiting.js" in client.get(address).text, address
    for address in (PAGE, "/w/-/mine"):  # these do it with what they have anyway
        assert "/phone-waiting.js" not in client.get(address).text
        assert re.search(r"/phone(-mine)?\.js", client.get(address).text)
    assert "/phone-waiting.js" not in client.get("/login").text
