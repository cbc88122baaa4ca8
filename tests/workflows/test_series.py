"""Time series that grow while somebody looks at them."""

import numpy as np

from mlip_nb.workflows._series import Series


def test_series_hold_everything_in_order_and_a_look_is_not_changed_by_what_comes_later():
    series, looks = Series(), []
    for first, count in ((0, 1), (1, 0), (1, 1500), (1501, 3), (1504, 5000)):
        values = np.arange(first, first + count)
        series.append({"step": values, "time": 0.5 * values})
        looks.append((first + count, series()))
    for length, look in looks:
        np.testing.assert_array_equal(look["step"], np.arange(length))
        np.testing.assert_array_equal(look["time"], 0.5 * np.arange(length))
