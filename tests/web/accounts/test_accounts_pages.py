"""Every page of an account, an organisation and administration: what it shows, does and refuses."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from tests.web.accounts.accounts_browser import signed_in
from tests.web.accounts.accounts_house import House
from tests.web.accounts.accounts_world import PASSWORD, actor
from tests.web.portal import send, token_of

from zerofactory_web.accounts import competence, invitations, links, people, roles, sessions, tokens
from zerofactory_web.accounts.model import BODY_ROLES

PAGES = ("account/", "account/name", "account/password", "account/sessions", "account/tokens", "account/links",
         "account/second-factor", "account/second-factor/recovery", "account/second-factor/remove", "organisations/{works}",
         "organisations/{body}", "organisations/{works}/particulars", "administration/", "administration/people",
         "administration/people?q=eve&page=7", "administration/people/{eve}", "administration/people/{anna}",
         "administration/people/{eve}/grant", "administration/people/{eve}/competence",
         "administration/people/{eve}/competence/{record}/end", "administration/people/{eve}/links",
         "administration/people/{eve}/links/{link}/end", "administration/people/{eve}/close", "administration/people/{eve}/open",
         "administration/roles", "administration/roles/{waiting}/confirm", "administration/roles/{waiting}/end",
         "administration/organisations", "sign-out")


def _address(house: House, path: str, lang: str = "en") -> str:
    return f"/{lang}/" + path.format(works=house.works, other=house.other, body=house.world.body, eve=house.eve,
                                     anna=house.world.anna, cai=house.cai, record=house.record, link=house.link,
                                     waiting=house.waiting)


def _json(client: FlaskClient, address: str) -> dict[str, Any]:
    found = client.get(address, headers={"Accept": "application/json"})
    assert found.status_code == 200, found.text
    assert isinstance(found.json, dict)
    return found.json


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_in_both_languages_and_as_data(shown: House, path: str, lang: str) -> None:
    client, address = shown.anna(), _address(shown, path, lang)
    page = client.get(address)
    assert page.status_code == 200
    assert page.headers["Cache-Control"] == "no-store"
    assert f'<html lang="{ {"zh": "zh-Hans", "en": "en"}[lang] }">' in page.text
    assert "account." not in page.text.replace("/account.", "")           # no code of a sentence is left
    assert "style=" not in page.text
    assert "onclick" not in page.text
    told = client.get(address, headers={"Accept": "application/json"})
    assert told.content_type == "application/json"
    for secret in ("$argon2", "sha256:", "totp_secret", "recovery\":"):
        assert secret not in page.text + told.text


def test_what_people_typed_is_text(shown: House) -> None:
    page = shown.anna().get(_address(shown, "administration/people/{eve}")).text
    assert "&lt;b&gt;course&lt;/b&gt;" in page
    assert "<b>course" not in page


@pytest.mark.parametrize("path", [p for p in PAGES if p.startswith("administration")])
def test_administration_is_not_there_for_others(shown: House, path: str) -> None:
    address = _address(shown, path)
    assert shown.manager().get(address).status_code == 404
    assert shown.evaluator().get(address).status_code == 404
    assert shown.app.test_client().get(address).status_code == 303


ACTS = ("administration/people/{eve}/grant", "administration/people/{eve}/competence", "administration/people/{eve}/links",
        "administration/people/{eve}/close", "administration/people/{cai}/open", "administration/roles/{waiting}/confirm",
        "administration/roles/{waiting}/end", "administration/people/{eve}/competence/{record}/end", "administration/organisations",
        "administration/people/{eve}/links/{link}/end")


@pytest.mark.parametrize("path", ACTS)
def test_acts_of_administration_are_not_there_for_others(shown: House, path: str) -> None:
    for client in (shown.manager(), shown.evaluator()):
        token = token_of(client.get("/en/account/name").text)
        assert client.post(_address(shown, path), data={"csrf_token": token, "reason": "x"}).status_code == 404


def test_things_of_others_are_not_there(house: House) -> None:
    """IDOR: sessions, tokens, invitations, memberships, links, organisations of somebody else, by their real ids."""
    mine, theirs = house.stranger(), house.manager()
    cai = actor(house.store, house.cai)
    token_id, _ = tokens.create(house.store, cai, "t", ["read"], 30)
    session_id = sessions.listed(house.store, cai)[0].id
    invitation = invitations.pending(house.store, cai, house.works)[0].id
    membership = next(m.id for m, _ in people.members(house.store, cai, house.works))
    key = token_of(mine.get("/en/account/name").text)
    posts = [f"account/sessions/{session_id}/revoke", f"account/tokens/{token_id}/revoke", f"account/links/{house.link}/end",
             f"organisations/{house.works}/invitations", f"organisations/{house.works}/invitations/{invitation}/revoke",
             f"organisations/{house.other}/invitations/{invitation}/revoke",       # through an organisation of one's own
             f"organisations/{house.works}/members/{membership}/role", f"organisations/{house.other}/members/{membership}/role",
             f"organisations/{house.works}/members/{membership}/end", f"organisations/{house.other}/members/{membership}/end",
             f"organisations/{house.works}/particulars"]
    sent = {"csrf_token": key, "email": "a@b.example", "member_role": "member", "role": "member", "reason": "x", "version": "1",
            "until": "2026-01-01", "name_zh": "甲", "name_en": "A"}
    assert {p: mine.post(f"/en/{p}", data=sent).status_code for p in posts} == dict.fromkeys(posts, 404)
    gets = [f"organisations/{house.works}", f"organisations/{house.works}/particulars", "account/links",
            f"organisations/{house.works}/members/{membership}/end", f"organisations/{house.other}/members/{membership}/end",
            f"account/links/{house.link}/end", "organisations/none"]
    assert {p: mine.get(f"/en/{p}").status_code for p in gets} == dict.fromkeys(gets, 404)
    assert theirs.get("/en/account/").status_code == 200
    assert len(tokens.listed(house.store, cai)) == 1
    assert len(invitations.pending(house.store, cai, house.works)) == 1


def test_an_invitation_stands_under_its_own_organisation(house: House) -> None:
    anna = house.anna()
    [row] = _json(anna, f"/en/organisations/{house.works}")["invitations"]
    form = f"/en/organisations/{house.works}"
    assert send(anna, f"/en/organisations/{house.other}/invitations/{row['id']}/revoke", {}, form=form).status_code == 404
    assert send(anna, f"{form}/invitations/{row['id']}/revoke", {}, form=form).status_code == 303


def test_name_and_language(house: House) -> None:
    client = house.manager()
    answer = send(client, "/en/account/name", {"name": " ", "language": "fr"})
    assert answer.status_code == 422
    assert 'id="name-error"' in answer.text
    assert 'id="language-error"' in answer.text
    answer = send(client, "/en/account/name", {"name": "<i>Cai</i>", "language": "en"})
    assert (answer.status_code, answer.location) == (303, "/en/account/")
    page = client.get("/en/account/").text
    assert "The change is saved." in page
    assert "&lt;i&gt;Cai&lt;/i&gt;" in page
    assert "The change is saved." not in client.get("/en/account/").text
    fresh = house.app.test_client()
    assert send(fresh, "/zh/sign-in", {"email": "cai@works.example", "password": PASSWORD}).location == "/en/account/"


def test_changing_the_password_ends_other_sessions(house: House) -> None:
    client, other = house.manager(), signed_in(house.app.test_client(), "cai@works.example", PASSWORD)
    new = "quartz bramble 9 ferry"
    wrong = send(client, "/en/account/password", {"old": "no", "new": new})
    assert (wrong.status_code, 'id="old-error"' in wrong.text) == (422, True)
    easy = send(client, "/en/account/password", {"old": PASSWORD, "new": "password"})
    assert (easy.status_code, 'id="new-error"' in easy.text, "password\"" in easy.text) == (422, True, True)
    assert PASSWORD not in easy.text
    assert send(client, "/en/account/password", {"old": PASSWORD, "new": new}).status_code == 303
    assert client.get("/en/account/").status_code == 200
    assert other.get("/en/account/").status_code == 303
    signed_in(house.app.test_client(), "cai@works.example", new)


def test_a_token_is_shown_once_and_revoked(house: House) -> None:
    client = house.manager()
    bad = send(client, "/en/account/tokens", {"name": "", "days": "4000"})
    assert bad.status_code == 422
    assert all(f'id="{f}-error"' in bad.text for f in ("name", "scopes", "days"))
    made = send(client, "/en/account/tokens", {"name": "meter", "scopes": "read", "days": "30"})
    assert made.status_code == 200
    secret = made.text.split("<code>zf_")[1].split("</code>")[0]
    page = client.get("/en/account/tokens").text
    assert "meter" in page
    assert secret not in page
    assert tokens.actor_of_token(house.store, f"zf_{secret}") is not None
    [row] = _json(client, "/en/account/tokens")["tokens"]
    assert send(client, f"/en/account/tokens/{row['id']}/revoke", {}, form="/en/account/tokens").status_code == 303
    assert tokens.actor_of_token(house.store, f"zf_{secret}") is None


def test_staff_declares_links_and_their_end(house: House) -> None:
    client = house.evaluator()
    bad = send(client, "/en/account/links", {"organisation": house.works, "kind": "employed", "since": "1.2.2020", "until": "x"})
    assert bad.status_code == 422
    assert all(f'id="{f}-error"' in bad.text for f in ("since", "until", "text"))
    sent = {"organisation": house.works, "kind": "employed", "since": "2020-02-30", "text": "plant engineer"}
    assert 'id="since-error"' in send(client, "/en/account/links", sent).text
    assert send(client, "/en/account/links", {**sent, "since": "2020-02-29"}).status_code == 303
    [row] = [x for x in _json(client, "/en/account/links")["links"] if x["kind"] == "employed"]
    end = f"/en/account/links/{row['id']}/end"
    refused = send(client, end, {"until": "2030-01-01", "reason": ""})
    assert refused.status_code == 422
    assert all(f'id="{f}-error"' in refused.text for f in ("until", "reason"))
    assert send(client, end, {"until": "2024-05-01", "reason": "left the works"}).location == "/en/account/links"
    assert send(client, end, {"until": "2024-05-02", "reason": "again"}).status_code == 409
    with house.store.read() as session:
        assert links.conflicts(session, house.eve, house.works, house.store.clock().date()) == ()


def _invited(client: FlaskClient, house: House, email: str, organisation: str, member_role: str = "member") -> str:
    """Invite through the page; the path of the link in English."""
    answer = send(client, f"/en/organisations/{organisation}/invitations", {"email": email, "member_role": member_role},
                  form=f"/en/organisations/{organisation}")
    assert answer.status_code == 200, answer.text
    base = house.store.settings.public_url
    return answer.text.split(f"{base}/en/")[-1].split("</code>")[0].join(("/en/", ""))


def test_an_invitation_makes_an_account(house: House) -> None:
    link = _invited(house.manager(), house, "Fay@works.example", house.works)
    guest = house.app.test_client()
    answer = guest.get(link)
    assert (answer.status_code, answer.location) == (303, "/en/invitation")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    page = guest.get("/en/invitation")
    assert link.rpartition("/")[2] not in page.text
    assert "fay@works.example" in page.text
    assert "Battery Works" in page.text
    bad = send(guest, "/en/invitation", {"name": "", "password": "short", "language": "en"})
    assert bad.status_code == 422
    assert all(f'id="{f}-error"' in bad.text for f in ("name", "password"))
    assert '"short"' not in bad.text
    assert send(guest, "/en/invitation", {"name": "Fay", "password": PASSWORD, "language": "en"}).location == "/en/sign-in"
    assert "The account is made." in guest.get("/en/sign-in").text
    signed_in(guest, "fay@works.example", PASSWORD)
    assert _json(guest, "/en/account/")["memberships"][0]["organisation"] == house.works
    assert house.app.test_client().get(link).status_code == 410                        # good once
    assert guest.get("/en/invitation").status_code == 410


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_link_that_is_none_is_void(shown: House, lang: str) -> None:
    answer = shown.app.test_client().get(f"/{lang}/invitation/nothing%00x")
    assert answer.status_code == 410
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert {"zh": "此链接无效", "en": "This link is not good"}[lang] in answer.text


def test_whoever_has_an_account_signs_in_and_accepts(house: House) -> None:
    link = _invited(house.manager(), house, "dan@other.example", house.works, "manager")
    guest = house.app.test_client()
    page = guest.get(link, follow_redirects=True).text
    assert "/en/sign-in?next=%2Fen%2Finvitation" in page
    assert send(guest, "/en/invitation", {"name": "x", "password": PASSWORD, "language": "en"}, form="/en/sign-in").status_code == 422
    answer = send(guest, "/en/sign-in", {"email": "dan@other.example", "password": PASSWORD, "next": "/en/invitation"})
    assert answer.location == "/en/invitation"                                        # the link is still known
    assert send(guest, "/en/invitation/accept", {}, form="/en/invitation").location == "/en/account/"
    assert {m["organisation"] for m in _json(guest, "/en/account/")["memberships"]} == {house.works, house.other}


def test_an_invitation_of_somebody_else_is_not_taken(house: House) -> None:
    link = _invited(house.manager(), house, "dan@other.example", house.works)
    client = house.manager()
    page = client.get(link, follow_redirects=True).text
    assert "This invitation is not for cai@works.example" in page
    assert send(client, "/en/invitation/accept", {}, form="/en/invitation").status_code == 410


def test_the_organisation_is_managed_by_its_managers(house: House) -> None:
    client = house.manager()
    link = _invited(client, house, "gil@works.example", house.works)
    guest = house.app.test_client()
    guest.get(link)
    send(guest, "/en/invitation", {"name": "Gil", "password": PASSWORD, "language": "en"})
    signed_in(guest, "gil@works.example", PASSWORD)
    address = f"/en/organisations/{house.works}"
    plain = _json(guest, address)
    assert (plain["manages"], plain["invitations"]) == (False, [])
    assert "name=\"email\"" not in guest.get(address).text
    mine = {m["name"]: m["membership"] for m in plain["members"]}
    key = token_of(guest.get("/en/account/name").text)
    for path in (f"{address}/members/{mine['cai']}/end", f"{address}/members/{mine['cai']}/role", f"{address}/invitations",
                 f"{address}/particulars"):
        sent = {"csrf_token": key, "reason": "x", "role": "member", "email": "a@b.example", "member_role": "member", "name_zh": "甲",
                "name_en": "A", "version": "1"}
        assert guest.post(path, data=sent).status_code == 404, path
    assert guest.get(f"{address}/particulars").status_code == 404
    assert guest.get(f"{address}/members/{mine['cai']}/end").status_code == 404
    assert guest.get(f"{address}/members/{mine['Gil']}/end").status_code == 200          # he may leave
    assert send(client, f"{address}/members/{mine['Gil']}/role", {"role": "manager"}, form=address).status_code == 303
    assert _json(guest, address)["manages"] is True
    own = send(client, f"{address}/members/{mine['cai']}/role", {"role": "member"}, form=address)
    assert own.status_code == 409                                                      # nobody changes his own place
    assert send(client, f"{address}/members/{mine['Gil']}/end", {"reason": ""}).status_code == 422
    assert send(client, f"{address}/members/{mine['Gil']}/end", {"reason": "left"}).location == address
    assert guest.get(address).status_code == 404
    for row in _json(client, address)["invitations"]:
        assert send(client, f"{address}/invitations/{row['id']}/revoke", {}, form=address).status_code == 303
    assert _json(client, address)["invitations"] == []
    bad = send(client, f"{address}/invitations", {"email": "no address", "member_role": "king"}, form=address)
    assert (bad.status_code, 'id="email-error"' in bad.text, 'value="no address"' in bad.text) == (422, True, True)


def test_particulars_are_written_over_the_version_that_was_read(house: House) -> None:
    client, address = house.manager(), f"/en/organisations/{house.works}/particulars"
    version = str(_json(client, address)["version"])
    given = {"version": version, "name_zh": "新电池厂", "name_en": "New Works", "credit_code": "", "lei": "", "address_zh": "某地",
             "address_en": ""}
    bad = send(client, address, {**given, "credit_code": "1", "lei": "2", "name_en": ""})
    assert all(f'id="{f}-error"' in bad.text for f in ("credit_code", "lei", "name_en"))
    assert send(client, address, given).status_code == 303
    assert _json(client, address)["address"] == {"zh": "某地", "en": ""}
    assert send(client, address, given).status_code == 409                             # that version is no longer the newest
    code = {"credit_code": "91350100M000100Y43"}
    assert send(client, address, {**given, **code, "version": str(int(version) + 1)}).status_code == 303
    other = house.stranger()
    taken = send(other, f"/en/organisations/{house.other}/particulars",
                 {**given, **code, "version": str(_json(other, f"/en/organisations/{house.other}/particulars")["version"])})
    assert taken.status_code == 422
    assert "Another organisation has this credit code" in taken.text
    assert "UNIQUE" not in taken.text


def test_a_role_takes_two_administrators(house: House) -> None:
    anna, bo, person = house.anna(), house.bo(), f"/en/administration/people/{house.eve}"
    assert send(anna, f"{person}/grant", {"role": "decider", "reason": ""}).status_code == 422
    held = send(anna, f"{person}/grant", {"role": "evaluator", "reason": "x"})
    assert (held.status_code, 'id="role-error"' in held.text) == (409, True)
    assert send(anna, f"{person}/grant", {"role": "decider", "reason": "needed"}).location == person
    [row] = [r for r in _json(anna, "/en/administration/roles")["waiting"] if r["role"] == "decider"]
    confirm = f"/en/administration/roles/{row['id']}/confirm"
    refused = send(anna, confirm, {"reason": "mine"})
    assert (refused.status_code, "Whoever granted a role does not confirm it" in refused.text) == (409, True)
    assert "decider" not in actor(house.store, house.eve).roles
    assert send(bo, confirm, {"reason": "checked"}).location == "/en/administration/roles"
    assert "decider" in actor(house.store, house.eve).roles
    assert send(bo, f"/en/administration/roles/{row['id']}/end", {"reason": "left"}).location == person
    assert "decider" not in actor(house.store, house.eve).roles
    assert bo.get(confirm).status_code == 404


def test_nobody_grants_or_records_for_himself(house: House) -> None:
    anna, own = house.anna(), f"/en/administration/people/{house.world.anna}"
    answer = send(anna, f"{own}/grant", {"role": "decider", "reason": "x"})
    assert (answer.status_code, "Nobody grants or confirms a role to himself" in answer.text) == (409, True)
    answer = send(anna, f"{own}/competence", {"sector": "C", "since": "2026-01-01", "until": "2027-01-01", "evidence": "x"})
    assert answer.status_code == 409
    outside = send(anna, f"/en/administration/people/{house.cai}/grant", {"role": "decider", "reason": "x"})
    assert (outside.status_code, 'id="role-error"' in outside.text) == (409, True)


def test_competence_is_recorded_and_ended(house: House) -> None:
    anna, person = house.anna(), f"/en/administration/people/{house.eve}"
    bad = send(anna, f"{person}/competence", {"sector": "battery", "since": "2026-01-01", "until": "2025-01-01", "evidence": ""})
    assert bad.status_code == 422
    assert all(f'id="{f}-error"' in bad.text for f in ("sector", "until", "evidence"))
    sent = {"sector": "c39", "since": "2026-01-01", "until": "2027-01-01", "evidence": "witnessed audits"}
    assert send(anna, f"{person}/competence", sent).location == person
    [row] = [c for c in _json(anna, person)["competence"] if c["sector"] == "C39"]
    assert send(anna, f"{person}/competence/{row['id']}/end", {"reason": "lapsed"}).location == person
    with house.store.read() as session:
        assert [c.sector for c in competence.records(session, house.eve)] == ["C38"]


def test_an_account_is_closed_and_opened(house: House) -> None:
    anna, manager, person = house.anna(), house.manager(), f"/en/administration/people/{house.cai}"
    assert send(anna, f"{person}/close", {"reason": "gone"}).location == person
    assert manager.get("/en/account/").status_code == 303
    assert _json(anna, person)["person"]["state"] == "closed"
    assert send(anna, f"{person}/open", {"reason": "back"}).location == person
    signed_in(house.app.test_client(), "cai@works.example", PASSWORD)


def test_administrators_register_organisations_and_invite_staff(house: House) -> None:
    anna, address = house.anna(), "/en/administration/organisations"
    bad = send(anna, address, {"kind": "club", "name_zh": "", "name_en": ""})
    assert bad.status_code == 422
    assert all(f'id="{f}-error"' in bad.text for f in ("kind", "name_zh", "name_en"))
    assert send(anna, address, {"kind": "applicant", "name_zh": "新厂", "name_en": "Third Works"}).location == address
    assert "Third Works" in [o["name"]["en"] for o in _json(anna, address)["organisations"]]
    link = _invited(anna, house, "hal@body.example", house.world.body)
    guest = house.app.test_client()
    guest.get(link)
    assert send(guest, "/en/invitation", {"name": "Hal", "password": PASSWORD, "language": "en"}).status_code == 303
    assert len(_json(anna, "/en/administration/people?q=hal@BODY")["people"]) == 1


def test_an_administrator_declares_a_link_for_somebody(house: House) -> None:
    anna, person = house.anna(), f"/en/administration/people/{house.eve}"
    sent = {"organisation": house.works, "kind": "owner", "since": "2021-01-01", "until": "", "text": "shares"}
    bad = send(anna, f"{person}/links", {"organisation": "", "kind": "", "since": "", "until": "", "text": ""})
    assert bad.status_code == 422
    assert all(f'id="{f}-error"' in bad.text for f in ("organisation", "kind", "since", "text"))
    assert send(anna, f"{person}/links", {**sent, "organisation": "0" * 26}).status_code == 404
    assert send(anna, f"{person}/links", sent).location == person
    assert send(anna, f"{person}/links/{house.link}/end", {"until": "2026-10-01", "reason": "contract ended"}).location == person
    assert {x["kind"]: x["until"] for x in _json(anna, person)["links"]} == {"owner": None, "consulted": "2026-10-01"}


def test_an_administrator_who_is_none_any_more_sees_nothing(house: House) -> None:
    anna = house.anna()
    assert anna.get("/en/administration/").status_code == 200
    [row] = [r for r, p in roles.held(house.store, house.world.second) if p.id == house.world.anna]
    house.world.role(house.eve, "administrator")
    roles.end(house.store, house.world.second, row.id, "left")
    assert anna.get("/en/administration/").status_code == 404


def test_every_role_and_kind_has_its_words(shown: House) -> None:
    page = shown.anna().get(_address(shown, "administration/people/{anna}/grant")).text
    assert page.count('name="role"') == len(BODY_ROLES) - 1                            # she has one of them
