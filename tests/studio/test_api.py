"""The description of the server holds: whatever is sent, the answer is one that it names."""

import pytest

pytest.importorskip("schemathesis", reason="schemathesis is not installed")

import schemathesis
from hypothesis import HealthCheck, settings

from pellucid.studio.app import routes_of
from studio.door import TOKEN, Door

schema = schemathesis.openapi.from_dict(routes_of(None).openapi())
plain = schema.exclude(path_regex="/events$").exclude(path="/api/v1/uploads")


@pytest.fixture(scope="module")
def door(opened) -> Door:
    """A studio of its own: what is sent here is odd, and is kept."""
    return opened()


@pytest.mark.slow
@plain.parametrize()
@settings(max_examples=12, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_every_answer_is_described(case, door) -> None:
    case.headers = {**(case.headers or {}), "authorization": f"Bearer {TOKEN}"}
    answer = case.call(base_url=door.base, timeout=30)
    case.validate_response(answer)


@pytest.mark.slow
@plain.parametrize()
@settings(max_examples=4, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
def test_without_credentials_nothing_is_answered(case, door) -> None:
    answer = case.call(base_url=door.base, timeout=30)
    assert answer.status_code in (400, 401, 405, 413)
