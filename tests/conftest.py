"""Text goldens: what a person sees, kept under tests/golden and reviewed as a diff.

`pytest --update-golden` rewrites them; CI refuses that, so a golden changes only in a
change that somebody reads.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import Phase, settings

# The same examples on every machine: what passes here passes there. What is random is a
# campaign (`make campaign`), and what it finds becomes a test. On a busy machine an
# example may take long; that is no failure. Mutants of the kernel are run in a hurry:
# whether they fail matters, not on which smallest example.
settings.register_profile("repeatable", deadline=None, derandomize=True)
settings.register_profile("campaign", deadline=None, derandomize=False)
settings.register_profile(
    "hasty",
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.explicit, Phase.generate],
)

# As the command line does, before numpy is loaded: small matrices, many processes.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

GOLDEN = Path(__file__).parent / "golden"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--update-golden", action="store_true", help="rewrite the goldens")


def pytest_configure(config: pytest.Config) -> None:
    if config.getoption("--update-golden") and os.environ.get("CI"):
        raise pytest.UsageError("--update-golden is refused in CI")
    usual = "campaign" if config.getoption("markexpr") == "campaign" else "repeatable"
    settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", usual))


@pytest.fixture
def golden(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a text with the golden of that name."""

    def compare(name: str, text: str) -> None:
        path = GOLDEN / name
        if request.config.getoption("--update-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, encoding="utf-8")
        assert path.exists(), f"no golden {name}; run pytest --update-golden"
        assert text == path.read_text(encoding="utf-8")

    return compare
