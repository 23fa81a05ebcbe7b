"""What leaves a back end is the caller's own, in 0..1, and finite."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.inference.outputs import inference_of


@pytest.fixture
def buffers() -> dict[str, NDArray[np.generic]]:
    return {
        "enhanced": np.full((1, 8, 8, 3), 9, dtype=np.uint8),
        "flow": np.ones((1, 2, 2, 2), dtype=np.float32),
        "trust": np.full((1, 2, 2), 255, dtype=np.uint8),
        "tooth": np.zeros((1, 2, 2), dtype=np.uint8),
    }


def test_maps_become_shares_and_arrays_are_copies(buffers: dict[str, NDArray[np.generic]]) -> None:
    result = inference_of(buffers, 3)
    assert result.seq == 3
    assert result.trust.max() == 1.0
    assert result.tooth.max() == 0.0
    for name, array in (("enhanced", result.enhanced), ("flow", result.flow), ("trust", result.trust)):
        assert not np.shares_memory(array, buffers[name])


@pytest.mark.parametrize("poison", [np.nan, np.inf])
def test_an_answer_that_is_no_number_is_never_handed_on(buffers: dict[str, NDArray[np.generic]], poison: float) -> None:
    buffers["flow"][0, 1, 1, 0] = poison
    with pytest.raises(RuntimeError, match="not a number"):
        inference_of(buffers, 0)
