"""Side effects are looked for in every test of the contract."""

import pytest


@pytest.fixture(autouse=True)
def _own_random_state(own_random_state: None) -> None:
    del own_random_state
