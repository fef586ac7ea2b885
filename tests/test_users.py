"""Who is calling is told by a token or a signed name, and by nothing else."""

from __future__ import annotations

import time
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pydantic import ValidationError

from app.serving.settings import ServerSettings
from app.serving.users import ANYBODY, Authenticator, Unauthorized

SECRET = "a secret of more than thirty-two letters"
ALICE, BOB = "alice-token-of-her-own", "bob-token-of-his-own"


def configured(**settings: Any) -> Authenticator:
    return Authenticator.configured(ServerSettings(**settings))


def signed(key: Any = SECRET, algorithm: str = "HS256", **claims: Any) -> dict[str, str]:
    claims = {"sub": "carol", "exp": time.time() + 60, **claims}
    claims = {name: value for name, value in claims.items() if value is not None}
    return {"authorization": f"Bearer {jwt.encode(claims, key, algorithm)}"}


def test_nobody_is_asked_where_nothing_is_configured() -> None:
    assert not configured().asks
    assert configured().caller({}).username == ANYBODY


@pytest.mark.parametrize(
    "headers", [{"authorization": f"Bearer {BOB}"}, {"authorization": f"bearer {BOB}"},
                {"x-api-key": BOB}]
)  # fmt: skip
def test_a_token_names_its_user(headers: dict[str, str]) -> None:
    assert configured(tokens=f"alice:{ALICE}, bob:{BOB}").caller(headers).username == "bob"


@pytest.mark.parametrize(
    "headers",
    [{}, {"authorization": ""}, {"authorization": f"Basic {BOB}"}, {"x-api-key": BOB[:-1]},
     {"x-api-key": ""}, {"x-auth-scheme": "langsmith"}, {"authorization": "Bearer bob"}],
)  # fmt: skip
def test_anything_else_is_nobody(headers: dict[str, str]) -> None:
    with pytest.raises(Unauthorized, match="Authorization: Bearer TOKEN"):
        configured(tokens=f"bob:{BOB}", jwt_key=SECRET).caller(headers)


def test_a_signed_name_is_believed() -> None:
    assert configured(jwt_key=SECRET).caller(signed()).username == "carol"


def test_a_public_key_checks_names_that_its_private_key_signed() -> None:
    private = ec.generate_private_key(ec.SECP256R1())
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    authenticator = configured(jwt_key=public.decode())
    assert authenticator.caller(signed(private, "ES256")).username == "carol"
    with pytest.raises(Unauthorized):
        authenticator.caller(signed(ec.generate_private_key(ec.SECP256R1()), "ES256"))
    with pytest.raises(Unauthorized):  # names an algorithm for keys of another kind
        authenticator.caller(signed(rsa.generate_private_key(65537, 2048), "RS256"))


@pytest.mark.parametrize(
    "claims", [{"exp": time.time() - 60}, {"exp": None}, {"sub": None}, {"sub": "groundtune"}]
)
def test_a_name_that_expired_or_is_missing_or_reserved_is_nobody(claims: dict[str, Any]) -> None:
    with pytest.raises(Unauthorized):
        configured(jwt_key=SECRET).caller(signed(**claims))


def test_a_name_signed_for_another_audience_is_nobody() -> None:
    ours = configured(jwt_key=SECRET, jwt_audience="groundtune")
    none = configured(jwt_key=SECRET)
    assert ours.caller(signed(aud="groundtune")).username == "carol"
    assert ours.caller(signed(aud=["payroll", "groundtune"])).username == "carol"
    for authenticator, claims, wanted in (
        (ours, {"aud": "payroll"}, "the audience 'groundtune'"),
        (ours, {}, "the audience 'groundtune'"),
        (none, {"aud": "payroll"}, "no audience"),
    ):
        with pytest.raises(Unauthorized, match=f"it must name sub, exp and {wanted}"):
            authenticator.caller(signed(**claims))


@pytest.mark.parametrize(
    ("claims", "groups"),
    [({}, set()), ({"groups": ["hr", "board"]}, {"hr", "board"}),
     ({"groups": "hr, board"}, {"hr, board"}), ({"groups": ["user:alice", "hr"]}, {"hr"}),
     ({"groups": []}, set()), ({"roles": ["hr"]}, set()), ({"groups": None}, set())],
)  # fmt: skip
def test_a_signed_token_names_groups_but_no_other_user(
    claims: dict[str, Any], groups: set[str]
) -> None:
    told = configured(jwt_key=SECRET, groups="carol:ops, alice:board").caller(signed(**claims))
    assert told.groups == {"user:carol", "ops", *groups}


def test_the_claim_of_groups_has_the_name_that_is_configured() -> None:
    authenticator = configured(jwt_key=SECRET, jwt_groups="https://login/roles")
    sent = signed(**{"groups": ["hr"], "https://login/roles": ["board"]})
    assert authenticator.caller(sent).groups == {"user:carol", "board"}


@pytest.mark.parametrize("found", [{"hr": True}, [1], 7, ["hr", None]])
def test_groups_of_another_shape_are_refused_not_ignored(found: object) -> None:
    with pytest.raises(Unauthorized, match="its 'groups' must be a text or a list of texts"):
        configured(jwt_key=SECRET).caller(signed(groups=found))


def test_users_with_tokens_of_their_own_are_in_the_groups_that_are_configured() -> None:
    authenticator = configured(tokens=f"alice:{ALICE},bob:{BOB}", groups="bob:hr,bob:a b,alice:hr")
    assert authenticator.caller({"x-api-key": BOB}).groups == {"user:bob", "hr", "a b"}
    assert configured(groups="bob:hr").caller({}).groups == {f"user:{ANYBODY}"}
    for pair in ("bob", "bob:", ":hr"):
        with pytest.raises(ValidationError, match="is no pair: give NAME:GROUP"):
            ServerSettings(groups=pair)


def test_whoever_cannot_sign_is_told_nothing_of_claims() -> None:
    with pytest.raises(Unauthorized, match="no valid token came"):
        configured(jwt_key=SECRET).caller(signed("another secret of thirty-two letters", aud="x"))


def test_another_key_or_no_signature_is_nobody() -> None:
    for headers in (signed("another secret of thirty-two letters"), signed(None, "none")):
        with pytest.raises(Unauthorized):
            configured(jwt_key=SECRET).caller(headers)


@pytest.mark.parametrize("tokens", ["bob", "bob:short", f"groundtune:{BOB}", f"local:{BOB}"])
def test_a_token_that_can_be_guessed_or_a_reserved_name_is_refused(tokens: str) -> None:
    with pytest.raises(ValidationError, match="give NAME:TOKEN"):
        ServerSettings(tokens=tokens)  # type: ignore[arg-type]


NOBODY_REVIEWS = "nobody who is let in may review them: set GROUNDTUNE_REVIEWERS"


@pytest.mark.parametrize(
    "settings",
    [{"tokens": f"bob:{BOB}"}, {"jwt_key": SECRET}, {"tokens": f"bob:{BOB}", "reviewers": "carol"},
     {"reviewers": "alice"}],
)  # fmt: skip
def test_answers_are_not_held_where_nobody_may_let_them_out(settings: dict[str, Any]) -> None:
    with pytest.raises(ValidationError, match=NOBODY_REVIEWS):
        ServerSettings(review_below=0.5, **settings)
    assert ServerSettings(**settings).review_below == 0


@pytest.mark.parametrize(
    ("settings", "reviewers"),
    [({}, {ANYBODY}), ({"tokens": f"alice:{ALICE},bob:{BOB}"}, set()),
     ({"tokens": f"alice:{ALICE},bob:{BOB}", "reviewers": " bob ,", "review_below": 0.5}, {"bob"}),
     ({"jwt_key": SECRET, "reviewers": "carol", "review_below": 0.5}, {"carol"})],
)  # fmt: skip
def test_where_users_are_asked_for_the_named_ones_alone_review(
    settings: dict[str, Any], reviewers: set[str]
) -> None:
    served = ServerSettings(**settings)
    everybody = {ANYBODY, "alice", "bob", "carol"} if served.asks else {ANYBODY}
    assert {user for user in everybody if served.may_review(user)} == reviewers


def test_uploads_are_not_private_where_everybody_is_one_user() -> None:
    with pytest.raises(ValidationError, match="everybody is one user: set GROUNDTUNE_TOKENS"):
        ServerSettings(uploads="private")
    assert ServerSettings(uploads="private", jwt_key=SECRET).asks  # type: ignore[arg-type]


def test_a_short_key_is_refused() -> None:
    with pytest.raises(ValidationError, match="jwt_key is short"):
        ServerSettings(jwt_key="short")  # type: ignore[arg-type]
