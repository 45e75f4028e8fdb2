"""The assertions of the shared helpers count under `python -O` too, and explain
themselves like those of the tests."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "tests.proofs", "tests.kernel.derivations", "tests.kernel.random_steps"
)
