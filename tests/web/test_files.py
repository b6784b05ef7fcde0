"""Files over HTTP: pieces in, never out; and the desk's page on which they are looked at."""

from __future__ import annotations

import datetime
import secrets

import pytest

from fieldkit.core.access import LOCAL
from fieldkit.core.submission import ALPHABET
from fieldkit.services.publish import publish_library
from fieldkit.services.waves import close_wave
from fieldkit.store.engine import Session
from tests.demo_site import csrf, make_desk
from tests.phone_site import COUNTY, Site, a_wave
from tests.photos import name_of, photo, place_in
from tests.tiny import all_tiny

PHOTO = photo()
NAME = name_of(PHOTO)
AT = f"/w/f/{COUNTY}"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    desk = make_desk(tmp_path_factory.mktemp("files"))
    with Session(desk.engine) as session:
        publish_library(session, LOCAL, all_tiny())
        session.commit()
    site = Site(desk.app, desk.engine, desk.app.extensions["fieldkit"].today())
    site.open(a_wave("f", "media", site.today))
    return desk


@pytest.fixture
def client(desk):
    return desk.app.test_client()


def hand_in(client, **answers):
    """Answers that name files; the id of the response."""
    identity = secrets.token_hex(16)
    code = "".join(secrets.choice(ALPHABET) for _ in range(12))
    sent = {"id": identity, "receipt_code": code, "questionnaire": "media", "version": "1.0.0", "language": "zh"}
    answer = client.post(f"{AT}/responses", json={**sent, "answers": {"core_consent": 1, **answers}})
    assert answer.status_code == 200, answer.json
    return identity


def put(client, response, name, piece, offset=0, total=None, **headers):
    given = {"Upload-Offset": str(offset), "Upload-Length": str(len(piece) if total is None else total)}
    given |= {"Accept": "application/json", **headers}
    return client.put(f"{AT}/attachments/{response}/{name}", data=piece, headers=given)


def test_a_photo_comes_in_two_pieces_and_how_far_it_is_can_be_asked(client):
    mine = hand_in(client, photo=NAME)
    address = f"{AT}/attachments/{mine}/{NAME}"
    assert client.get(address).json == {"offset": 0, "arrived": False}
    assert put(client, mine, NAME, PHOTO[:500], 0, len(PHOTO)).json == {"offset": 500, "arrived": False}
    head = client.head(address)
    assert (head.status_code, head.headers["Upload-Offset"]) == (200, "500")
    assert put(client, mine, NAME, PHOTO[500:], 500, len(PHOTO)).json == {"offset": len(PHOTO), "arrived": True}
    assert client.get(address).json == {"offset": len(PHOTO), "arrived": True}, "never the photo itself"
    assert "Set-Cookie" not in head.headers


@pytest.mark.parametrize(
    ("name", "piece", "change", "status", "code"),
    [
        (NAME, b"", {}, 422, "attachment.empty"),
        (NAME, PHOTO, {"Upload-Length": str(3 * 1024 * 1024)}, 413, "attachment.too_large"),
        (NAME, PHOTO, {"Upload-Offset": "-1"}, 400, "attachment.wrong_shape"),
        (NAME, PHOTO, {"Upload-Length": "many"}, 400, "attachment.wrong_shape"),
        (NAME, PHOTO, {"Upload-Offset": "7", "Upload-Length": "100000"}, 409, "attachment.out_of_order"),
        (NAME, photo(colour="red"), {}, 422, "attachment.wrong_hash"),
        ("0" * 64 + ".jpg", PHOTO, {}, 404, "attachment.not_named"),
        ("..%2F..%2Fsecret", PHOTO, {}, 404, "attachment.not_named"),
        (NAME, PHOTO + bytes(256 * 1024), {}, 413, "submission.too_large"),
    ],
)
def test_what_cannot_be_right_is_told_and_nothing_is_kept(client, desk, name, piece, change, status, code):
    mine = hand_in(client, photo=NAME)
    answer = put(client, mine, name, piece, **change)
    assert answer.status_code == status
    if code != "attachment.not_named" or "%2F" not in name:
        assert answer.json["code"] == code
        assert answer.json["remedy"]
    with desk.engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT count(*) FROM attachment WHERE response = ?", (mine,)).scalar_one()
    assert rows == 0


def test_a_page_called_jpg_is_refused(client):
    page = b"<!doctype html><script>alert(1)</script>"
    mine = hand_in(client, photo=name_of(page))
    assert put(client, mine, name_of(page), page).json["code"] == "attachment.wrong_kind"


def test_without_the_script_a_place_is_typed_and_files_are_said_to_be_out_of_reach(client, desk):
    page = client.get(AT).get_data(as_text=True)
    photo_card = page.split('id="photo"')[1].split("</fieldset>")[0]
    assert "要在能运行脚本的浏览器里才能回答" in photo_card
    assert 'type="file"' not in page
    fields = {"_version": "1.0.0", "core_consent": "1", "spot": ["30.638", "119.6828"], "photo": ""}
    last_look = client.post(AT, data=fields).get_data(as_text=True)
    kept = {name: last_look.split(f'name="{name}" value="')[1].split('"')[0] for name in ("_id", "_code")}
    assert client.post(AT, data={**fields, **kept}).status_code == 200
    with desk.engine.connect() as connection:
        found = connection.exec_driver_sql("SELECT answers FROM response WHERE id = ?", (kept["_id"],)).scalar_one()
    assert '"spot":"30.64 119.68"' in found
    wrong = client.post(AT, data={**fields, "spot": ["30.638", ""]})
    assert wrong.status_code == 422
    assert "两个都要填" in wrong.get_data(as_text=True)


def test_files_of_answers_that_arrived_are_taken_after_the_wave_was_closed(desk, client):
    site = Site(desk.app, desk.engine, desk.app.extensions["fieldkit"].today())
    site.open(a_wave("closing", "media", site.today))
    identity = secrets.token_hex(16)
    code = "".join(secrets.choice(ALPHABET) for _ in range(12))
    sent = {"id": identity, "receipt_code": code, "questionnaire": "media", "version": "1.0.0", "language": "zh"}
    home = f"/w/closing/{COUNTY}"
    client.post(f"{home}/responses", json={**sent, "answers": {"core_consent": 1, "photo": NAME}})
    with Session(desk.engine) as session:
        close_wave(session, LOCAL, "closing")
        session.commit()
    headers = {"Upload-Offset": "0", "Upload-Length": str(len(PHOTO))}
    answer = client.put(f"{home}/attachments/{identity}/{NAME}", data=PHOTO, headers=headers)
    assert answer.json == {"offset": len(PHOTO), "arrived": True}


def test_the_review_page_shows_pictures_and_hands_files_out_only_to_be_saved(desk, client):
    content = photo(colour="gold")
    mine = hand_in(client, photo=name_of(content))
    put(client, mine, name_of(content), content)
    paper = b"%PDF-1.7 <script>alert(1)</script>"
    other = hand_in(client, paper=name_of(paper, "pdf"))
    put(client, other, name_of(paper, "pdf"), paper)
    with desk.engine.begin() as connection:  # they came yesterday
        day = (desk.app.extensions["fieldkit"].today() - datetime.timedelta(days=1)).isoformat()
        connection.exec_driver_sql("UPDATE attachment SET received_on = ?", (day,))
    team = desk.client("researcher")
    html = team.get("/desk/waves/f/review").get_data(as_text=True)
    addresses = {line.split('"')[0] for line in html.split('href="')[1:] if "/review/files/" in line.split('"')[0]}
    found = [team.get(address) for address in addresses]
    kinds = {answer.content_type for answer in found}
    assert {"image/jpeg", "application/octet-stream"} <= kinds
    assert not any(kind.startswith(("text/html", "image/svg", "application/pdf")) for kind in kinds)
    for answer in found:
        assert answer.headers["Content-Disposition"].startswith("attachment;")
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Cache-Control"] == "no-store"
        if answer.content_type == "image/jpeg":
            assert place_in(answer.data) == {}
    assert NAME not in html
    assert mine not in html
    assert name_of(content) not in html
    key = next(iter(addresses)).rsplit("/", 1)[1]
    answer = team.post("/desk/waves/f/review/clear_file", data={"csrf_token": csrf(html), "key": key})
    assert answer.status_code == 303
    assert team.get(f"/desk/waves/f/review/files/{key}").status_code == 409
    assert "已经记下" in team.get(answer.location).get_data(as_text=True)


def test_a_wave_without_files_says_nothing_of_them(desk):
    html = desk.client("researcher").get("/desk/waves/demo/review").get_data(as_text=True)
    assert 'id="files"' not in html
