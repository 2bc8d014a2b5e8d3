"""Items as they are listed, with what each model predicted for them."""

import pytest

pytestmark = pytest.mark.slow


def test_predictions_are_those_of_the_model_that_is_asked_for(opened) -> None:
    door = opened("build+slow")
    door.ready()
    dataset = door.get("/session")["datasets"][0]["id"]
    assert door.job(kind="predict_all", model=1, dataset=dataset)["state"] == "done"
    assert door.get(f"/datasets/{dataset}/confusion") is None
    assert door.get(f"/datasets/{dataset}/confusion", params={"model": 1})["known"] == 6
    assert all(item["prediction"] is None for item in door.items())
    assert all(item["prediction"] is not None for item in door.items(model=1))
    first = door.items()[0]["id"]
    assert door.get(f"/items/{first}", params={"model": 1})["prediction"] is not None


def test_what_is_uploaded_later_is_listed_and_predicted_too(opened, place) -> None:
    door = opened()
    door.ready()
    asked = {"kind": "predict_all", "dataset": "uploads"}
    upload(door, place / "photos" / "dog" / "0.png")
    first = door.job(**asked)
    assert [item["prediction"] is not None for item in listed(door)] == [True]
    assert door.job(**asked)["id"] == first["id"]
    upload(door, place / "photos" / "cat" / "1.png")
    assert sorted(item["prediction"] is not None for item in listed(door)) == [False, True]
    assert door.job(**asked)["id"] != first["id"]
    assert [item["prediction"] is not None for item in listed(door)] == [True, True]


def upload(door, path) -> None:
    answer = door.client.post(
        f"/api/v1/uploads?name={path.name}",
        content=path.read_bytes(),
        headers={"content-type": "application/octet-stream"},
    )
    assert answer.status_code == 201


def listed(door) -> list[dict]:
    return door.get("/datasets/uploads/items")["items"]
